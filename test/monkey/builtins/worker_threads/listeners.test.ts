// worker_threads and cluster: listeners run in tasks, on whatever they were registered.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import workerThreads from '../../../../dist/monkey/facades/worker_threads.js';
import {
  await_,
  call,
  hasPortal,
  native,
  orig,
  replacement,
  select,
} from '../../../../dist/runtime/index.js';
import { pause, turn } from '../../../support/tools.js';
import { facts, fixture } from '../../fixture.js';

type Patched = Record<symbol, unknown>;
const { MessageChannel, BroadcastChannel, Worker } = workerThreads;

/** Posts each value once the port's listeners had time to suspend at the one before. */
async function post(port: { postMessage(value: unknown): void }, ...values: unknown[]): Promise<void> {
  for (const value of values) port.postMessage(value);
  await turn(8);
}

describe('listeners of a MessagePort', () => {
  it.each(['on', 'addListener', 'once', 'addEventListener', 'onmessage'] as const)(
    'may suspend: %s',
    async (way) => {
      const { port1, port2 } = new MessageChannel();
      const seen: unknown[] = [];
      await call(() => {
        const listener = (value: unknown): void => {
          seen.push(`${hasPortal()}`);
          pause();
          seen.push(value instanceof Event ? (value as MessageEvent).data : value);
        };
        if (way === 'onmessage') port2.onmessage = listener as never;
        else port2[way as 'on']('message', listener);
        port2.start();
      });
      await post(port1, 'a', 'b');
      expect(seen).toEqual(way === 'once' ? ['true', 'a'] : ['true', 'true', 'a', 'b']);
      port1.close();
    },
  );

  it('leave a port the members that Node gives it', () => {
    const code = 'JSON.stringify(Object.getOwnPropertyNames(MessagePort.prototype))';
    const natively = execFileSync(process.execPath, ['-p', code], { encoding: 'utf8' });
    const { prototype } = workerThreads.MessagePort;
    expect(Object.getOwnPropertyNames(prototype).sort()).toEqual(JSON.parse(natively).sort());
  });

  it('are registered where a program has taken the iterator of arrays away', async () => {
    const code = `require('node:worker_threads');
      const { port2 } = new MessageChannel();
      const { log } = console;
      const iterator = Array.prototype[Symbol.iterator];
      delete Array.prototype[Symbol.iterator];
      port2.addEventListener('message', log);
      port2.removeEventListener('message', log);
      port2.on('message', log);
      port2.onmessage = log;
      Array.prototype[Symbol.iterator] = iterator;
      port2.close();
      log(port2.onmessage === log, port2.listenerCount('message'));`;
    expect(await fixture(['-e', code])).toEqual({ stdout: 'true 2\n', stderr: '' });
    const { stdout } = await fixture(['--import', 'aevent/register', '-e', code]);
    expect(stdout).toBe('true 2\n');
  });

  it('are refused as Node does it', () => {
    const { port1 } = new MessageChannel();
    const add = port1.addEventListener as (...args: unknown[]) => void;
    expect(() => add.call(port1, 'message')).toThrow(expect.objectContaining({ code: 'ERR_MISSING_ARGS' }));
    port1.close();
  });

  it('are removed by what was registered, and registered once', async () => {
    const { port1, port2 } = new MessageChannel();
    const seen: unknown[] = [];
    const listener = (value: unknown): void => void seen.push(value);
    const object = { handleEvent: ({ data }: MessageEvent): void => void seen.push(`object ${data}`) };
    const handler = (): void => void seen.push('handler');
    await call(() => {
      port2.on('message', listener);
      port2.addEventListener('message', listener as never);
      port2.addEventListener('message', object as never);
      port2.onmessage = handler;
      expect(port2.onmessage).toBe(handler);
      expect((port2 as unknown as NodeJS.EventEmitter).listenerCount('message')).toBe(3);
    });
    await post(port1, 1);
    expect(seen.splice(0)).toEqual([1, 'object 1', 'handler']);
    port2.off('message', listener);
    port2.removeEventListener('message', object as never);
    port2.onmessage = null;
    expect(port2.onmessage).toBe(null);
    expect((port2 as unknown as NodeJS.EventEmitter).listenerCount('message')).toBe(0);
    // Registered again, in code that opted in for nothing, it is Node's own.
    port2.on('message', () => seen.push(hasPortal()));
    await post(port1, 2);
    expect(seen).toEqual([false]);
    port1.close();
  });

  it('hear of the end', async () => {
    const { port1, port2 } = new MessageChannel();
    const closed = call(() => {
      let resolve = (_: unknown): void => {};
      const promise = new Promise((settle) => {
        resolve = settle;
      });
      port2.on('close', () => {
        pause();
        resolve('closed');
      });
      return promise;
    });
    await turn();
    port1.close();
    expect(await closed).toBe('closed');
  });
});

describe('listeners of a BroadcastChannel', () => {
  it('are tasks of their own', async () => {
    const [from, to] = [new BroadcastChannel('aevent'), await call(() => new BroadcastChannel('aevent'))];
    const seen: unknown[] = [];
    await call(() => {
      to.addEventListener('message' as never, () => {
        pause(2);
        seen.push('slow');
      });
      to.addEventListener('message' as never, () => seen.push('fast'));
      to.onmessage = ({ data }: { data: unknown }) => {
        pause(4);
        seen.push(data);
      };
    });
    from.postMessage('data');
    while (seen.length < 3) await turn();
    expect(seen).toEqual(['fast', 'slow', 'data']);
    from.close();
    to.close();
  });
});

describe('Worker', () => {
  it('has listeners that may suspend, and its symbols', async () => {
    const seen: unknown[] = [];
    await call(() => {
      const worker = new Worker(
        "require('worker_threads').parentPort.postMessage('hello'); throw new Error('end')",
        {
          eval: true,
        },
      );
      for (const event of ['online', 'message', 'error', 'exit']) {
        worker.on(event as 'exit', (value: unknown) => {
          pause();
          seen.push(`${hasPortal()} ${event} ${value instanceof Error ? value.message : value}`);
        });
      }
      // Not by once(): 'error' may come just before, and ends its wait.
      await_(new Promise((resolve) => worker.once('exit', resolve)));
      pause(3);
    });
    // In any order: each goes on when its own wait is over.
    expect(seen.toSorted()).toEqual([
      'true error end',
      'true exit 1',
      'true message hello',
      'true online undefined',
    ]);
    const patched = Worker as unknown as Patched;
    expect(patched[orig]).toBe(patched[replacement] && (await import('node:worker_threads')).Worker);
    expect(patched[replacement]).toBe(Worker);
    expect((patched[select] as () => unknown)()).toBe(Worker);
    await call(() => native(() => expect((patched[select] as () => unknown)()).toBe(patched[orig])));
  });

  it('can be subclassed', async () => {
    class Echo extends Worker {
      last: unknown;
      constructor(data: unknown) {
        super(
          "const { parentPort, workerData } = require('worker_threads'); parentPort.postMessage(workerData)",
          {
            eval: true,
            workerData: data,
          },
        );
        this.on('message', (message) => {
          pause();
          this.last = message;
        });
      }
    }
    const echo = await call(() => {
      const made = new Echo({ a: 1 });
      await_(once(made, 'exit'));
      pause(2);
      return made;
    });
    expect(echo).toBeInstanceOf(Echo);
    expect(echo).toBeInstanceOf(Worker);
    expect(echo).toBeInstanceOf((await import('node:worker_threads')).Worker);
    expect(echo.last).toEqual({ a: 1 });
  });
});

it.each(await facts(['--import', 'aevent/register', 'cluster.mjs']))('cluster: %s', (_, holds) => {
  expect(holds).toBe(true);
});
