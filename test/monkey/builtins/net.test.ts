// net in tasks: connecting, listening and accepting that waits; listeners that suspend; replaced classes.
import realNet from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import net from '../../../dist/monkey/facades/net.js';
import { call, createTaskGroup, runner } from '../../../dist/runtime/index.js';
import { pause, thrownBy, together, turn } from '../../support/tools.js';

const host = '127.0.0.1';
const portOf = (server: realNet.Server): number => (server.address() as realNet.AddressInfo).port;

describe('a server and its clients without a listener', () => {
  it('serve 50 connections at once', async () => {
    const server = net.createServer();
    const echo = (): void => {
      const socket = server.acceptSync();
      for (const chunk of socket) socket.writeSync(chunk);
    };
    await runner((tasks) => {
      server.listenSync(0, host);
      tasks.spawnDaemon(() => {
        const serving = createTaskGroup();
        for (let i = 0; i < 50; i++) serving.spawn(echo);
        serving[Symbol.dispose]();
      });
      const talking = createTaskGroup();
      for (let i = 0; i < 50; i++) {
        talking.spawn(() => {
          const socket = net.connectSync({ port: portOf(server), host });
          for (let n = 0; n < 3; n++) {
            socket.writeSync(`${i}.${n}\n`);
            expect(socket.readLineSync()).toBe(`${i}.${n}`);
          }
          socket.endSync();
          expect(socket.readSync()).toBe(null);
        });
      }
      talking[Symbol.dispose]();
      server.close();
    });
  });

  it('use a Unix socket', () =>
    call(() => {
      const path = join(tmpdir(), `aevent-net-${process.pid}.sock`);
      const server = net.createServer().listenSync(path);
      const client = net.connectSync(path);
      const accepted = server.acceptSync();
      accepted.endSync('hello');
      expect(String(client.readSync())).toBe('hello');
      client.destroy();
      server.close();
    }));

  it('keep connections that come before they are accepted, in order', () =>
    call(() => {
      const server = net.createServer().listenSync(0, host);
      const clients = ['a', 'b', 'c'].map((name) => {
        const client = net.connectSync(portOf(server), host);
        client.writeSync(name);
        return client;
      });
      pause(3);
      expect(clients.map(() => String(server.acceptSync().readSync(1)))).toEqual(['a', 'b', 'c']);
      for (const client of clients) client.destroy();
      server.close();
    }));
});

describe('errors', () => {
  it('EADDRINUSE of listenSync; afterwards the server can listen elsewhere', () =>
    call(() => {
      const first = net.createServer().listenSync(0, host);
      const second = net.createServer();
      expect(thrownBy(() => second.listenSync(portOf(first), host))).toMatchObject({ code: 'EADDRINUSE' });
      second.listenSync(0, host);
      expect(second.listening).toBe(true);
      first.close();
      second.close();
    }));

  it('ECONNREFUSED of connectSync, AbortError of a signal, ERR_SOCKET_BAD_PORT before anything is opened', () =>
    call(() => {
      expect(thrownBy(() => net.connectSync(1, host))).toMatchObject({ code: 'ECONNREFUSED', port: 1 });
      expect(thrownBy(() => net.connectSync(70_000, host))).toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' });
      const aborted = { port: 1, host, signal: AbortSignal.abort() };
      expect(thrownBy(() => net.connectSync(aborted as never))).toMatchObject({ code: 'ABORT_ERR' });
    }));

  it('ERR_SERVER_NOT_RUNNING of acceptSync, before listening and when the server is closed', () =>
    call(() => {
      const server = net.createServer();
      expect(thrownBy(() => server.acceptSync())).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
      server.listenSync(0, host);
      setImmediate(() => server.close());
      expect(thrownBy(() => server.acceptSync())).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
    }));

  it('need a portal', () => {
    for (const fn of [() => net.connectSync(1), () => net.createServer().listenSync(0)])
      expect(thrownBy(fn)).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
  });
});

describe('cancellation', () => {
  it('ends every wait, leaves the server as it is and closes what was being opened', () =>
    call(() => {
      const server = net.createServer().listenSync(0, host);
      const tasks = createTaskGroup();
      const waits = [
        tasks.spawn(() => server.acceptSync()),
        // Its address is never found.
        tasks.spawn(() => net.connectSync({ port: 1, host: 'nobody', lookup: () => {} })),
      ];
      pause(3);
      for (const scope of waits) scope.cancel();
      tasks[Symbol.dispose]();
      const client = net.connectSync(portOf(server), host);
      expect(server.acceptSync().remotePort).toBe(client.localPort);
      client.destroy();
      server.close();
    }));
});

describe('a connection listener registered in a task', () => {
  it('may block, while other connections are served', async () => {
    const server = net.createServer();
    await call(() => {
      server.on('connection', (socket) => {
        expect(socket).toBeInstanceOf(realNet.Socket);
        expect(socket.constructor).toBe(net.Socket);
        for (let line = socket.readLineSync(); line !== null; line = socket.readLineSync()) {
          pause(2);
          socket.writeSync(`${line}!\n`);
        }
        socket.endSync();
      });
      server.listenSync(0, host);
    });
    const replies = await together(20, (i) => {
      const client = net.connectSync(portOf(server), host);
      client.writeSync(`${i}\n`);
      const reply = client.readLineSync();
      client.endSync();
      return reply;
    });
    expect(replies).toEqual(Array.from({ length: 20 }, (_, i) => `${i}!`));
    server.close();
  });

  it('given to createServer, and data listeners on its socket', async () => {
    let server: realNet.Server | undefined;
    const order: string[] = [];
    await call(() => {
      server = net.createServer((socket) => {
        socket.on('data', (data) => {
          order.push(`gets ${data}`);
          pause(2);
          socket.end(`${data}!`);
        });
      });
      server.listenSync(0, host);
    });
    const reply = await call(() => {
      const client = net.connectSync(portOf(server as realNet.Server), host);
      client.writeSync('x');
      return String(client.readSync());
    });
    expect([...order, reply]).toEqual(['gets x', 'x!']);
    server?.close();
  });
});

it('classes can be subclassed, and called without new', async () => {
  class Client extends net.Socket {
    greet(): string {
      this.writeSync('hi\n');
      return String(this.readLineSync());
    }
  }
  class Greeter extends net.Server {
    serveOne(): void {
      const socket = this.acceptSync();
      socket.endSync(`${socket.readLineSync()} there\n`);
    }
  }
  await runner((tasks) => {
    const server = new Greeter();
    server.listenSync(0, host);
    tasks.spawn(() => server.serveOne());
    const client = new Client();
    client.connect(portOf(server), host);
    expect(client.greet()).toBe('hi there');
    client.destroy();
    server.close();
  });
  expect(Reflect.apply(net.Socket, undefined, []).constructor).toBe(net.Socket);
  expect(new realNet.Socket()).toBeInstanceOf(net.Socket);
  await turn();
});
