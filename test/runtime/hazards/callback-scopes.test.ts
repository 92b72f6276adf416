import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Session } from 'node:inspector';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { call, hasPortal } from '../../../dist/runtime/index.js';
import { inTask } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, paused, together, turn } from '../../support/tools.js';

/** Whether ticks, microtasks and timers still run: Node runs them only where no callback scope is open. */
async function loopIsAlive(): Promise<string[]> {
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      process.nextTick(() => seen.push('tick'));
      void Promise.resolve().then(() => seen.push('microtask'));
      setTimeout(() => {
        seen.push('timer');
        resolve();
      }, 1);
    });
  });
  return seen;
}
const alive = ['tick', 'microtask', 'timer'];

/** A connection without a network: what it is given at one end comes out of the parser of `server` at once. */
function connectTo(server: ReturnType<typeof createServer>): { socket: Duplex; answer: () => string } {
  let written = '';
  const socket = new Duplex({
    read() {},
    write(chunk, _, done) {
      written += chunk;
      done();
    },
  });
  server.emit('connection', socket);
  return { socket, answer: () => written };
}

describe('a suspension inside of a native callback scope that the task itself has opened', () => {
  it('of an http parser lets everything else go on, and is resumed', async () => {
    const order: string[] = [];
    const server = createServer((incoming, response) => {
      expect(hasPortal()).toBe(true);
      order.push(`parsing ${incoming.url}`);
      pause(3);
      order.push(`resumed ${incoming.url}`);
      response.end(incoming.url);
    });
    const connections = [1, 2, 3].map(() => connectTo(server));
    await turn();
    const parsing = Promise.all(
      connections.map(({ socket }, id) =>
        call(() => {
          socket.emit('data', Buffer.from(`GET /${id} HTTP/1.1\r\nHost: x\r\n\r\n`));
          order.push(`parsed /${id}`);
        }),
      ),
    );
    await turn();
    expect(await loopIsAlive()).toEqual(alive);
    await parsing;
    await turn(2);
    expect(order.slice(0, 3)).toEqual(['parsing /0', 'parsing /1', 'parsing /2']);
    expect(order.slice(3).sort()).toEqual(
      ['/0', '/1', '/2'].flatMap((url) => [`resumed ${url}`, `parsed ${url}`]).sort(),
    );
    for (const [id, { answer }] of connections.entries())
      expect(answer()).toMatch(new RegExp(`\r\n/${id}\r\n|/${id}$`));
    expect(await loopIsAlive()).toEqual(alive);
  });

  it('of the inspector lets everything else go on, and is resumed', async () => {
    const results = await together(5, (id) => {
      const session = new Session();
      session.connect();
      let seen: unknown;
      session.post('Runtime.evaluate', { expression: `${id} + 1` }, (_, { result }) => {
        seen = paused(result.value, 1 + (id % 3));
      });
      session.disconnect();
      return seen;
    });
    expect(results).toEqual([1, 2, 3, 4, 5]);
    expect(await loopIsAlive()).toEqual(alive);
  });
});

describe('a callback that suspends below a native callback scope', () => {
  it('of an http server leaves the parser to other requests', async () => {
    const handled: string[] = [];
    const handler = await call(() =>
      inTask((incoming: IncomingMessage, response: ServerResponse) => {
        const id = Number(incoming.url?.slice(1));
        pause(1 + (id % 4));
        handled.push(`${id}`);
        response.end(`answer ${id}`);
      }),
    );
    const server = createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const get = (id: number) =>
      new Promise<string>((resolve, reject) => {
        const outgoing = request({ port, host: '127.0.0.1', path: `/${id}` }, (incoming) => {
          let body = '';
          incoming.setEncoding('utf8').on('data', (text) => {
            body += text;
          });
          incoming.on('end', () => resolve(body));
        });
        outgoing.on('error', reject).end();
      });
    const ids = Array.from({ length: 60 }, (_, id) => id);
    expect(await Promise.all(ids.map(get))).toEqual(ids.map((id) => `answer ${id}`));
    expect(handled).toHaveLength(60);
    await new Promise((resolve) => server.close(resolve));
    expect(await loopIsAlive()).toEqual(alive);
  });

  it('of a tick lets the other ticks and the microtasks run in their order', async () => {
    const order: string[] = [];
    const tick = await call(() =>
      inTask((name: string) => {
        order.push(name);
        pause();
        order.push(`${name} resumed`);
      }),
    );
    await new Promise<void>((resolve) =>
      setImmediate(() => {
        process.nextTick(tick, 'tick 1');
        void Promise.resolve().then(() => order.push('microtask'));
        process.nextTick(tick, 'tick 2');
        process.nextTick(() => order.push('plain tick'));
        setTimeout(resolve, 5);
      }),
    );
    await turn(2);
    expect(order).toEqual([
      'tick 1',
      'tick 2',
      'plain tick',
      'microtask',
      'tick 1 resumed',
      'tick 2 resumed',
    ]);
  });
});
