// http and https in tasks: handlers that block, requests that wait.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import realHttp from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import http from '../../../dist/monkey/facades/http.js';
import https from '../../../dist/monkey/facades/https.js';
import { sleepSync } from '../../../dist/monkey/facades/timers.js';
import tls from '../../../dist/monkey/facades/tls.js';
import { call, createTaskGroup, runner } from '../../../dist/runtime/index.js';
import { pause, thrownBy, together } from '../../support/tools.js';

const host = '127.0.0.1';
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const urlOf = (server: Server, scheme = 'http'): string => `${scheme}://${host}:${portOf(server)}/`;

/** A server made in a task, whose handler is a task too. */
function serving(handler: realHttp.RequestListener): Promise<realHttp.Server> {
  return call(() => {
    const server = http.createServer(handler);
    server.listenSync(0, host);
    return server;
  });
}

const bodyOf = (response: realHttp.IncomingMessage): string => {
  let body = '';
  for (const chunk of response) body += String(chunk);
  return body;
};

describe('a handler', () => {
  it('that sleeps does not hold up the others', async () => {
    let inside = 0;
    let most = 0;
    const server = await serving((request, response) => {
      most = Math.max(most, ++inside);
      while (most === 1) sleepSync(1);
      inside--;
      response.endSync(request.url);
    });
    const replies = await together(20, (i) => bodyOf(http.getSync(`${urlOf(server)}${i}`)));
    expect(replies).toEqual(Array.from({ length: 20 }, (_, i) => `/${i}`));
    expect(most).toBeGreaterThan(1);
    server.close();
  });

  it('reads the body and writes in steps, with what aevent adds', async () => {
    const server = await serving((request, response) => {
      expect(request).toBeInstanceOf(realHttp.IncomingMessage);
      expect(request.constructor).toBe(http.IncomingMessage);
      for (const chunk of request) {
        pause();
        response.writeSync(String(chunk).toUpperCase());
      }
      response.endSync('.');
    });
    const response = await call(() => http.requestSync(urlOf(server), { method: 'POST' }, 'hello'));
    expect(await call(() => bodyOf(response))).toBe('HELLO.');
    server.close();
  });

  it('suspends in listeners of the request, while the parser goes on', async () => {
    const server = await serving((request, response) => {
      const chunks: string[] = [];
      request.on('data', (chunk) => {
        pause(3);
        chunks.push(String(chunk));
      });
      request.on('end', () => {
        pause(6);
        response.end(chunks.sort().join());
      });
    });
    await call(() => {
      const request = http.request(urlOf(server), { method: 'POST' });
      for (const part of ['a', 'b', 'c']) {
        request.writeSync(part);
        pause(2);
      }
      request.endSync();
      let body = '';
      request.on('response', (response) => {
        pause();
        body = bodyOf(response);
      });
      while (body === '') pause();
      expect(body).toBe('a,b,c');
    });
    server.close();
  });

  it('has its own classes where the options name them, and Node’s error for bad options', () =>
    call(() => {
      class Mine extends http.IncomingMessage {}
      const server = http.createServer({ IncomingMessage: Mine }, (request, response) => {
        response.end(String(request instanceof Mine));
      });
      server.listenSync(0, host);
      expect(bodyOf(http.getSync(urlOf(server)))).toBe('true');
      server.close();
      expect(thrownBy(() => http.createServer(5 as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    }));
});

describe('requestSync', () => {
  it('throws what the request fails with', async () => {
    const server = await serving((request, response) => {
      if (request.url === '/never') return;
      if (request.url === '/late') sleepSync(200);
      if (request.url === '/reset') request.socket.resetAndDestroy();
      else response.end();
    });
    await call(() => {
      expect(thrownBy(() => http.getSync('http://127.0.0.1:1/'))).toMatchObject({ code: 'ECONNREFUSED' });
      expect(thrownBy(() => http.getSync('ftp://x/'))).toMatchObject({ code: 'ERR_INVALID_PROTOCOL' });
      expect(thrownBy(() => http.getSync(`${urlOf(server)}reset`))).toMatchObject({ code: 'ECONNRESET' });
      const url = `${urlOf(server)}never`;
      expect(thrownBy(() => http.getSync(url, { timeout: 30 }))).toMatchObject({ code: 'ETIMEDOUT' });
      const agent = new http.Agent({ timeout: 20 });
      expect(http.getSync(`${urlOf(server)}late`, { agent }).statusCode).toBe(200);
      const tasks = createTaskGroup();
      const scope = tasks.spawn(() => http.getSync(url));
      pause(5);
      scope.cancel();
      tasks[Symbol.dispose]();
    });
    expect(thrownBy(() => http.getSync(urlOf(server)))).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    await new Promise((closed) => server.close(closed).closeAllConnections());
  });

  it('uses the agent’s connection again', async () => {
    const ports = new Set<number | undefined>();
    const server = await serving((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('x');
    });
    const agent = new realHttp.Agent({ keepAlive: true, maxSockets: 1 });
    await call(() => {
      for (let i = 0; i < 3; i++) expect(bodyOf(http.getSync(urlOf(server), { agent }))).toBe('x');
    });
    expect(ports.size).toBe(1);
    agent.destroy();
    server.close();
  });
});

describe('the body of a message', () => {
  it('is read in every way that a Response of fetchSync() has, once', async () => {
    const server = await serving((request, response) => {
      response.setHeader('content-type', request.headers['content-type'] ?? 'application/json');
      for (const half of [request.textSync().slice(0, 2), request.url === '/' ? '1]' : '']) {
        sleepSync(1);
        response.writeSync(half);
      }
      response.endSync();
    });
    await call(() => {
      const get = (): realHttp.IncomingMessage => http.requestSync(urlOf(server), { method: 'PUT' }, '[ ');
      const response = get();
      expect(response.textSync()).toBe('[ 1]');
      expect(thrownBy(() => response.textSync())).toMatchObject({
        name: 'TypeError',
        code: 'AEVENT_BODY_READ',
      });
      expect(get().jsonSync()).toEqual([1]);
      expect(get().bytesSync()).toEqual(new Uint8Array([0x5b, 0x20, 0x31, 0x5d]));
      expect(get().arrayBufferSync().byteLength).toBe(4);
      expect(get().blobSync()).toMatchObject({ size: 4, type: 'application/json' });
      const rest = get();
      rest.readExactlySync(1);
      expect(rest.textSync()).toBe(' 1]');
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const form = http.requestSync(`${urlOf(server)}form`, { method: 'POST', headers }, 'a=');
      expect([...form.formDataSync()]).toEqual([['a', '']]);
      const broken = http.requestSync(`${urlOf(server)}broken`, { method: 'POST' }, '{');
      expect(thrownBy(() => broken.jsonSync())).toBeInstanceOf(SyntaxError);
      expect(Object.keys(realHttp.IncomingMessage.prototype)).not.toContain('textSync');
    });
    server.close();
  });

  it('cancelled, closes the connection; where nothing can be suspended, is not touched', async () => {
    let closed = 0;
    const server = await serving((request, response) => {
      response.on('close', () => closed++);
      response.write(request.url === '/' ? 'never ended' : '');
      if (request.url !== '/') response.end('all');
    });
    const whole = await call(() => http.getSync(`${urlOf(server)}whole`));
    expect(thrownBy(() => whole.textSync())).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    await call(() => {
      expect(whole.textSync()).toBe('all');
      const tasks = createTaskGroup();
      const before = closed;
      const scope = tasks.spawn(() => http.getSync(urlOf(server)).textSync());
      pause(20);
      scope.cancel();
      tasks[Symbol.dispose]();
      for (let turns = 0; turns < 1000 && closed === before; turns++) pause();
      expect(closed).toBe(before + 1);
    });
    server.close();
    server.closeAllConnections();
  });
});

describe('https and tls', () => {
  const dir = mkdtempSync(join(tmpdir(), 'aevent-tls-'));
  const file = (name: string): string => join(dir, name);
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', file('key.pem'), '-out', file('cert.pem')],
    ],
    { stdio: 'ignore' },
  );
  const identity = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) };
  afterAll(() => rmSync(dir, { recursive: true }));

  it('serve and fetch', () =>
    call(() => {
      const server = https.createServer(identity, (request, response) => {
        sleepSync(5);
        response.endSync(`${request.method} ${bodyOf(request)}`);
      });
      server.listenSync(0, host);
      const options = { method: 'PUT', ca: identity.cert };
      expect(bodyOf(https.requestSync(urlOf(server, 'https'), options, 'body'))).toBe('PUT body');
      expect(thrownBy(() => https.getSync(urlOf(server, 'https')))).toMatchObject({
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
      server.close();
      server.closeAllConnections();
    }));

  it('accept and talk line by line', () =>
    runner((tasks) => {
      const server = tls.createServer(identity);
      server.listenSync(0, host);
      tasks.spawn(() => {
        const socket = server.acceptSync();
        expect(socket.constructor.name).toBe('TLSSocket');
        socket.endSync(`${socket.readLineSync()}!`);
        server.close();
      });
      const socket = tls.connectSync({ port: portOf(server), host, ca: identity.cert });
      expect(socket.authorized).toBe(true);
      socket.writeSync('secret\n');
      expect(socket.readLineSync()).toBe('secret!');
      socket.endSync();
    }));

  it('refuse a certificate that nobody vouches for', () =>
    call(() => {
      const server = tls.createServer(identity);
      server.listenSync(0, host);
      expect(thrownBy(() => tls.connectSync({ port: portOf(server), host }))).toMatchObject({
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
      server.close();
    }));
});
