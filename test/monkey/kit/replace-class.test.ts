// Replaced classes: the three symbols, native(), subclasses of every kind, and listeners that suspend.
import realChildProcess from 'node:child_process';
import { once } from 'node:events';
import realFs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inherits } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import childProcess from '../../../dist/monkey/facades/child_process.js';
import dgram from '../../../dist/monkey/facades/dgram.js';
import EventEmitter from '../../../dist/monkey/facades/events.js';
import fs from '../../../dist/monkey/facades/fs.js';
import http from '../../../dist/monkey/facades/http.js';
import net from '../../../dist/monkey/facades/net.js';
import readline from '../../../dist/monkey/facades/readline.js';
import stream from '../../../dist/monkey/facades/stream.js';
import tls from '../../../dist/monkey/facades/tls.js';
import { call, native, orig, patched, replacement, run, select } from '../../../dist/runtime/index.js';
import { Thread } from '../../../dist/runtime/modules/threading/index.js';
import { pause, paused, turn } from '../../support/tools.js';

type Emitter = import('node:events').EventEmitter;
type Class = (abstract new (
  ...args: never[]
) => Emitter) & {
  readonly prototype: object;
  readonly [orig]: new (...args: unknown[]) => Emitter;
  readonly [replacement]: unknown;
  readonly [select]: () => unknown;
};

const input = (): object => ({ input: new stream.PassThrough() });
const nothing = (): undefined => undefined;

/** Each class, what its constructor wants, and whether it can be called without `new`. */
const classes: [name: string, made: unknown, argument: () => unknown, callable: boolean][] = [
  ['events.EventEmitter', EventEmitter, nothing, true],
  ['stream.Stream', stream.Stream, nothing, true],
  ['stream.Readable', stream.Readable, nothing, true],
  ['stream.Writable', stream.Writable, nothing, true],
  ['stream.Duplex', stream.Duplex, nothing, true],
  ['stream.Transform', stream.Transform, nothing, true],
  ['stream.PassThrough', stream.PassThrough, nothing, true],
  ['net.Socket', net.Socket, nothing, true],
  ['net.Server', net.Server, nothing, true],
  ['tls.Server', tls.Server, nothing, true],
  ['http.Server', http.Server, nothing, true],
  ['dgram.Socket', dgram.Socket, () => 'udp4', true],
  ['child_process.ChildProcess', childProcess.ChildProcess, nothing, true],
  ['readline.Interface', readline.Interface, input, true],
];

const opened: Emitter[] = [];
const opening = <T extends object>(made: T): T => {
  opened.push(made as unknown as Emitter);
  return made;
};

afterAll(() => {
  for (const one of opened) if (one instanceof dgram.Socket) one.close();
});

describe.each(classes)('%s', (_, given, argument, callable) => {
  const ours = given as Class;
  const construct = (cls: unknown): Emitter =>
    opening(Reflect.construct(cls as new () => Emitter, [argument()]));

  it('has the three symbols; select follows native() and patched()', async () => {
    const { [orig]: real, [select]: selected } = ours;
    expect(typeof real).toBe('function');
    expect(real).not.toBe(ours);
    expect(ours[replacement]).toBe(ours);
    const seen = await call(() => [
      selected(),
      native(() => [selected(), patched(selected)]),
      construct(ours),
      native(() => construct(ours)),
    ]);
    expect(seen.slice(0, 2)).toEqual([ours, [real, ours]]);
    expect((seen[2] as object).constructor).toBe(ours);
    expect((seen[3] as object).constructor).toBe(real);
  });

  it('makes instances of both, which can be told from others', () => {
    for (const made of [construct(ours), construct(ours[orig])]) {
      expect(made instanceof ours && made instanceof ours[orig]).toBe(true);
    }
    expect(Object.create(null) instanceof ours).toBe(false);
  });

  it('can be subclassed directly, with fields, methods, statics and a listener that suspends', async () => {
    const Base = ours as unknown as new (...args: unknown[]) => Emitter;
    class Mine extends Base {
      static readonly made: Mine[] = [];
      readonly heard: string[] = [];
      #secret = 0;

      constructor(...args: unknown[]) {
        super(...args);
        Mine.made.push(this);
        this.on('mine', (word: string) => {
          this.heard.push(`${word}?`);
          pause();
          this.heard.push(`${word}!`);
          this.#secret++;
        });
      }

      get secret(): number {
        return this.#secret;
      }

      override emit(event: string, ...args: unknown[]): boolean {
        return super.emit(event, ...args);
      }
    }
    const mine = await call(() => opening(new Mine(argument())));
    expect(mine instanceof Mine && mine instanceof ours && mine instanceof ours[orig]).toBe(true);
    expect(construct(ours) instanceof Mine).toBe(false);
    // Not by toEqual(), which would read a stream to compare it.
    const [only, ...others] = Mine.made;
    expect(only === mine && others.length === 0 && mine.constructor === Mine).toBe(true);
    expect(Object.getPrototypeOf(Mine)).toBe(ours);
    mine.emit('mine', 'a');
    mine.emit('mine', 'b');
    expect(mine.heard).toEqual(['a?', 'b?']);
    while (mine.heard.length < 4) await turn();
    expect([mine.heard.slice(2), mine.secret]).toEqual([['a!', 'b!'], 2]);
    await call(() => mine.emit('mine', 'c'));
    // That of an http server or an interface is a task of its own, whatever code emits.
    while (mine.heard.at(-1) !== 'c!') await turn();
  });

  it('is a subclass’s base in native() as elsewhere', async () => {
    class Mine extends (ours as unknown as new (...args: unknown[]) => Emitter) {}
    const mine = await call(() => native(() => opening(new Mine(argument()))));
    expect(mine instanceof Mine && mine instanceof ours).toBe(true);
  });

  it.runIf(callable)('can be inherited from as before there were classes', async () => {
    function Old(this: Emitter): void {
      Reflect.apply(ours as unknown as () => void, this, [argument()]);
    }
    inherits(Old, ours as unknown as new () => Emitter);
    const old = opening(new (Old as unknown as new () => Emitter)());
    const heard: number[] = [];
    await call(() => old.once('event', (value: number) => heard.push(paused(value))));
    old.emit('event', 1);
    old.emit('event', 2);
    while (heard.length === 0) await turn();
    expect(heard).toEqual([1]);
    expect(old instanceof ours).toBe(true);
  });
});

describe('subclasses at work', () => {
  it('net.Socket and net.Server: a protocol of one’s own, in tasks', async () => {
    class Lines extends net.Socket {
      ask(line: string): string | null {
        this.writeSync(`${line}\n`);
        return this.readLineSync();
      }
    }
    class Shouting extends net.Server {
      constructor() {
        super((socket) => {
          for (let line = socket.readLineSync(); line !== null; line = socket.readLineSync()) {
            socket.writeSync(`${line.toUpperCase()}\n`);
          }
          socket.endSync();
        });
      }
    }
    await run(() => {
      const server = new Shouting().listenSync(0, '127.0.0.1');
      const socket = new Lines();
      socket.connect((server.address() as import('node:net').AddressInfo).port, '127.0.0.1');
      expect([socket.ask('a'), socket.ask('b')]).toEqual(['A', 'B']);
      socket.endSync();
      server.close();
    });
  });

  it('http.Server: a handler of its own that suspends', async () => {
    class Slow extends http.Server {
      readonly #word: string;

      constructor(word: string) {
        super((_, response) => response.end(paused(this.#word, 2)));
        this.#word = word;
      }
    }
    await run(() => {
      const server = new Slow('slow').listenSync(0, '127.0.0.1');
      const { port } = server.address() as import('node:net').AddressInfo;
      const response = http.getSync({ port, host: '127.0.0.1', agent: false });
      expect(response.readLineSync()).toBe('slow');
      server.close();
    });
  });

  it('stream.Transform: a part of its own that suspends', async () => {
    class Doubling extends stream.Transform {
      override _transform(chunk: Buffer, _: string, done: (error: null, chunk: string) => void): void {
        done(null, paused(String(chunk)).repeat(2));
      }
    }
    expect(
      await call(() => {
        const doubling = new Doubling();
        doubling.writeSync('a');
        doubling.endSync('b');
        return String(doubling.readExactlySync(4));
      }),
    ).toBe('aabb');
  });

  it('Thread: with a constructor and run() of its own', async () => {
    class Sum extends Thread {
      total = 0;
      readonly #numbers: readonly number[];

      constructor(...numbers: number[]) {
        super({ name: 'sum' });
        this.#numbers = numbers;
      }

      override run(): void {
        for (const one of this.#numbers) this.total += paused(one);
      }
    }
    const sum = await run(() => {
      const thread = new Sum(1, 2, 3);
      thread.start();
      thread.join();
      return thread;
    });
    expect([sum.total, sum instanceof Thread, sum.isAlive()]).toEqual([6, true, false]);
  });
});

describe('objects that functions make', () => {
  const directory = mkdtempSync(join(tmpdir(), 'aevent-classes-'));
  const file = join(directory, 'file');
  afterAll(() => rmSync(directory, { recursive: true }));

  /** Has a listener that a task registers suspend while Node emits. */
  async function hears(emitter: Emitter, event: string): Promise<string[]> {
    const order: string[] = [];
    await call(() =>
      emitter.once(event, () => {
        order.push('begins');
        pause();
        order.push('ends');
      }),
    );
    while (order.length < 2) await turn();
    return order;
  }

  it('a child is a ChildProcess', async () => {
    const child = childProcess.spawn('true');
    expect(child.constructor).toBe(childProcess.ChildProcess);
    expect(child instanceof realChildProcess.ChildProcess).toBe(true);
    expect(await hears(child, 'exit')).toEqual(['begins', 'ends']);
  });

  it('createReadStream and createWriteStream give Node’s, whose listeners may suspend', async () => {
    const written = fs.createWriteStream(file);
    expect(written instanceof realFs.WriteStream).toBe(true);
    written.end('text');
    expect(await hears(written, 'close')).toEqual(['begins', 'ends']);
    const read = fs.createReadStream(file, 'utf8');
    expect(read instanceof realFs.ReadStream).toBe(true);
    expect(await hears(read, 'open')).toEqual(['begins', 'ends']);
    expect(await call(() => read.readSync())).toBe('text');
    read.destroy();
    // Node's own stay as they are.
    expect(Object.hasOwn(realFs.ReadStream.prototype, 'on')).toBe(false);
  });

  it('so do watch and watchFile', async () => {
    const heard: string[] = [];
    const watcher = await call(() => fs.watch(directory, () => void heard.push(paused('listener'))));
    const changed = hears(watcher, 'change');
    const writing = setInterval(() => writeFileSync(file, String(heard.length)), 10);
    expect(await changed).toEqual(['begins', 'ends']);
    while (heard.length === 0) await turn();
    clearInterval(writing);
    const closed = once(watcher, 'close');
    watcher.close();
    await closed;
    const listener = (): void => {};
    const stat = await call(() => fs.watchFile(file, { interval: 10, persistent: false }, listener));
    expect(stat.listeners('change')).toEqual([listener]);
    fs.unwatchFile(file, listener);
    expect(stat.listenerCount('change')).toBe(0);
  });
});

it('contexts of TLS are made in tasks and outside, with the one store of root certificates that Node has', async () => {
  const contexts = [tls.createSecureContext()];
  const makes = (): unknown => call(() => void contexts.push(paused(tls.createSecureContext())));
  await Promise.all(Array.from({ length: 4 }, makes));
  contexts.push(tls.createSecureContext());
  expect(contexts).toHaveLength(6);
});
