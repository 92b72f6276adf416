// fetch() that waits.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, createTaskGroup, fetchSync } from '../../../dist/runtime/index.js';
import { pause, thrownBy, together } from '../../support/tools.js';

let url = '';
let aborted = 0;
const server = http.createServer((request, response) => {
  request.on('error', () => {});
  response.on('close', () => {
    if (!response.writableFinished) aborted++;
  });
  if (request.url === '/never') return;
  if (request.url === '/elsewhere') {
    response.writeHead(302, { location: '/never' }).end();
    return;
  }
  response.setHeader('content-type', 'application/json');
  if (request.url === '/slowly') response.write('{');
  else if (request.method === 'POST') request.pipe(response);
  else setImmediate(() => response.end(JSON.stringify({ path: request.url })));
});

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('fetchSync', () => {
  it('fetches, many at once', async () => {
    const found = await together(20, (i) => fetchSync(`${url}/${i}`).jsonSync());
    expect(found).toEqual(Array.from({ length: 20 }, (_, i) => ({ path: `/${i}` })));
  });

  it('gives a Response, whose body is read in every way, once', () =>
    call(() => {
      const send = (): Response => fetchSync(new URL(url), { method: 'POST', body: '[1]' });
      const response = send();
      expect(response).toBeInstanceOf(Response);
      expect(response.status).toBe(200);
      expect(response.textSync()).toBe('[1]');
      expect(thrownBy(() => response.textSync())).toBeInstanceOf(TypeError);
      expect(send().bytesSync()).toEqual(new Uint8Array([0x5b, 0x31, 0x5d]));
      expect(send().arrayBufferSync().byteLength).toBe(3);
      expect(send().blobSync().size).toBe(3);
      expect(fetchSync(new Request(url, { method: 'POST', body: 'a=1' })).textSync()).toBe('a=1');
      const form = new Response(new URLSearchParams('a=1')).formDataSync();
      expect(form.get('a')).toBe('1');
      expect(Object.keys(Response.prototype)).not.toContain('textSync');
    }));

  it('throws what fetch() throws', () =>
    call(() => {
      expect(thrownBy(() => fetchSync('http://127.0.0.1:1/'))).toMatchObject({
        message: 'fetch failed',
        cause: { message: 'bad port' },
      });
      expect(thrownBy(() => fetchSync('no url'))).toBeInstanceOf(TypeError);
      const reason = new Error('mine');
      const signal = AbortSignal.abort(reason);
      expect(thrownBy(() => fetchSync(url, { signal }))).toBe(reason);
      expect(thrownBy(() => fetchSync(new Request(url, { signal })))).toBe(reason);
      expect(thrownBy(() => fetchSync(url, { method: 'POST', body: '{' }).jsonSync())).toBeInstanceOf(
        SyntaxError,
      );
    }));

  it('cancelled, aborts the request, before the head and in the body', () =>
    call(() => {
      for (const [path, work] of [
        ['/never', (): unknown => fetchSync(`${url}/never`)],
        ['/slowly', (): unknown => fetchSync(`${url}/slowly`).textSync()],
        ['/never', (): unknown => fetchSync(new Request(`${url}/never`))],
        ['/slowly', (): unknown => fetchSync(new Request(`${url}/slowly`)).textSync()],
        ['/elsewhere', (): unknown => fetchSync(`${url}/elsewhere`)],
      ] as const) {
        const before = aborted;
        const tasks = createTaskGroup();
        const scope = tasks.spawn(work);
        pause(20);
        scope.cancel();
        tasks[Symbol.dispose]();
        for (let turns = 0; turns < 1000 && aborted === before; turns++) pause();
        expect(aborted, path).toBe(before + 1);
      }
    }));

  it('cancelled before there is a connection, aborts as soon as there is', async () => {
    // Node's fetch() was asked by the fetches above how it tells a dispatcher what aborts.
    type Handler = { onConnect?(abort: () => void): void; onRequestStart?(from: { abort(): void }): void };
    const handlers: Handler[] = [];
    const dispatcher = {
      dispatch(_: unknown, handler: Handler): boolean {
        handlers.push(handler);
        return true;
      },
    };
    await call(() => {
      const tasks = createTaskGroup();
      const scope = tasks.spawn(() => fetchSync(url, { dispatcher } as unknown as RequestInit));
      pause(20);
      scope.cancel();
      tasks[Symbol.dispose]();
    });
    let connectionsAborted = 0;
    const abort = (): void => {
      connectionsAborted++;
    };
    const [handler] = handlers;
    handler?.onConnect?.(abort);
    handler?.onRequestStart?.({ abort });
    expect([handlers.length, connectionsAborted]).toEqual([1, 1]);
  });

  it('gives a fetch() that the program has put in place a signal', async () => {
    const nodes = globalThis.fetch;
    let signal: AbortSignal | null | undefined;
    globalThis.fetch = (_, init) => {
      signal = init?.signal;
      return new Promise(() => {});
    };
    try {
      await call(() => {
        const tasks = createTaskGroup();
        const scope = tasks.spawn(() => fetchSync(url));
        pause();
        scope.cancel();
        tasks[Symbol.dispose]();
      });
    } finally {
      globalThis.fetch = nodes;
    }
    expect(signal?.aborted).toBe(true);
  });

  it('needs a portal', () => {
    expect(thrownBy(() => fetchSync(url))).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
  });
});
