// Thread, beside what CPython says of them. More than 400 lines, since one file tests all that they promise.
// CPython's documentation of threading, "Thread objects", "Timer objects", "Thread-local data" and the module's
// functions, and its Lib/test/test_threading.py, test_threading_local.py.
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled, call, run, runner } from '../../../../dist/runtime/index.js';
import {
  activeCount,
  currentThread,
  type ExceptHookArgs,
  enumerate,
  excepthook,
  getIdent,
  Local,
  mainThread,
  setExcepthook,
  Thread,
  Timer,
} from '../../../../dist/runtime/modules/threading/index.js';
import { pause, paused, thrownBy, turn } from '../../../support/tools.js';
import { atOnce, inGroup, sleep, timed } from './tools.js';

const errors: ExceptHookArgs[] = [];
const before = setExcepthook((args) => void errors.push(args));
afterEach(() => {
  errors.length = 0;
});

describe('Thread', () => {
  it('calls its target with the arguments, or the run() of a subclass', async () => {
    const seen: unknown[] = [];
    class Worker extends Thread {
      override run(): void {
        pause();
        seen.push(this.name);
      }
    }
    await run(() => {
      const threads = [
        new Thread({ target: (...args: number[]) => seen.push(args), args: [1, 2] }),
        new Worker({ name: 'worker' }),
        new Thread(),
      ];
      for (const thread of threads) thread.start();
      for (const thread of threads) thread.join();
    });
    expect(seen).toEqual([[1, 2], 'worker']);
  });

  it('may be async', async () => {
    await run(() => {
      let done = false;
      const thread = new Thread({
        target: async () => {
          await turn(2);
          done = true;
        },
      });
      thread.start();
      thread.join();
      expect([done, thread.isAlive()]).toEqual([true, false]);
    });
  });

  it('is alive from start() until run() has ended', async () => {
    await run(() => {
      const thread = new Thread({ target: () => pause(2) });
      expect(thread.isAlive()).toBe(false);
      thread.start();
      expect(thread.isAlive()).toBe(true);
      pause();
      expect(thread.isAlive()).toBe(true);
      thread.join();
      expect(thread.isAlive()).toBe(false);
      thread.join();
    });
  });

  it('has a name, by default with a number and its target, and an ident once it was started', async () => {
    await run(() => {
      const [first, second] = [new Thread(), new Thread({ target: function work() {} })];
      expect(first.name).toMatch(/^Thread-\d+$/);
      expect(second.name).toMatch(/^Thread-\d+ \(work\)$/);
      expect(first.name.split('-')[1]).not.toBe(second.name.split(/[- ]/)[1]);
      second.name = 'renamed';
      expect([second.name, second.ident]).toEqual(['renamed', undefined]);
      first.start();
      second.start();
      expect(first.ident).toBeGreaterThan(0);
      expect(first.ident).not.toBe(second.ident);
    });
  });

  it('join(timeoutMs) returns when the time is up; isAlive() tells', async () => {
    await timed(async (clock) => {
      const thread = new Thread({ target: () => sleep(1000) });
      thread.start();
      thread.join(100);
      expect([clock.now(), thread.isAlive()]).toEqual([100, true]);
      await thread.joinAsync(100);
      expect([clock.now(), thread.isAlive()]).toEqual([200, true]);
      thread.join(0);
      await thread.joinAsync();
      expect([clock.now(), thread.isAlive()]).toEqual([1000, false]);
    });
  });

  it.each<[string, (thread: Thread) => void, (thread: Thread) => void]>([
    ['start() a second time', (thread) => thread.start(), (thread) => thread.start()],
    [
      'start() after the end',
      (thread) => {
        thread.start();
        thread.join();
      },
      (thread) => thread.start(),
    ],
    ['join() before start()', () => {}, (thread) => thread.join()],
    [
      'becoming a daemon after start()',
      (thread) => thread.start(),
      (thread) => {
        thread.daemon = true;
      },
    ],
    ['join() of the main thread', () => {}, () => mainThread().join()],
    ['join() of the current thread', () => {}, () => currentThread().join()],
  ])('%s is an error', async (_, prepare, misuse) => {
    await run(() => {
      const thread = new Thread({ target: () => pause() });
      prepare(thread);
      expect(thrownBy(() => misuse(thread))).toMatchObject({
        name: 'AeventError',
        code: 'AEVENT_THREAD_STATE',
      });
    });
  });

  it('cannot join itself', async () => {
    await run(() => {
      let error: unknown;
      const thread = new Thread({
        target: () => {
          error = thrownBy(() => thread.join());
        },
      });
      thread.start();
      thread.join();
      expect(error).toMatchObject({ message: expect.stringContaining('cannot join itself') });
    });
  });

  it('is a task of the nearest runner, which waits for it', async () => {
    const order: string[] = [];
    await run(async () => {
      await runner(() => new Thread({ target: () => order.push(paused('inner', 3)) }).start());
      order.push('inner runner left');
      new Thread({ target: () => order.push(paused('outer', 3)) }).start();
    });
    order.push('left');
    expect(order).toEqual(['inner', 'inner runner left', 'outer', 'left']);
  });

  it('that is a daemon is cancelled when the runner is left', async () => {
    let error: unknown;
    const daemon = new Thread({
      daemon: true,
      target: () => {
        error = thrownBy(() => pause(1e9));
        throw error;
      },
    });
    await run(() => {
      daemon.start();
      pause(2);
    });
    expect(error).toBeInstanceOf(Cancelled);
    expect([daemon.isAlive(), errors]).toEqual([false, []]);
  });

  it('is a daemon by default if the thread that makes it is one', async () => {
    const seen: boolean[] = [new Thread().daemon];
    await run(() => {
      seen.push(new Thread().daemon);
      const thread = new Thread({ daemon: true, target: () => seen.push(new Thread().daemon) });
      thread.start();
      thread.join();
    });
    expect(seen).toEqual([false, false, true]);
  });

  it('that is cancelled before it begins has ended', async () => {
    const thread = new Thread({ target: () => expect.unreachable() });
    await runner((tasks) => {
      thread.start();
      tasks.cancelScope.cancel();
    });
    expect(thread.isAlive()).toBe(false);
  });

  it('outside of a runner start() is an error that says what to do', async () => {
    const error = thrownBy(() => new Thread().start());
    expect(error).toMatchObject({
      code: 'AEVENT_NO_RUNNER',
      message: expect.stringMatching(/^Thread\.start\(\) .*aevent\.run\(\)/),
    });
    await call(() =>
      expect(thrownBy(() => new Thread().start())).toMatchObject({ code: 'AEVENT_NO_RUNNER' }),
    );
  });

  it('a join() that is cancelled leaves it alone', async () => {
    await run(() => {
      const thread = new Thread({ target: () => pause(4) });
      thread.start();
      inGroup((tasks) => {
        const scope = tasks.spawn(() => expect(thrownBy(() => thread.join())).toBeInstanceOf(Cancelled));
        pause();
        scope.cancel();
      });
      expect(thread.isAlive()).toBe(true);
      thread.join();
    });
  });

  it('outside of a task join() is refused while it is alive', async () => {
    const thread = new Thread({ target: () => pause(2) });
    let refused: unknown;
    await run(() => {
      thread.start();
      setImmediate(() => {
        refused = thrownBy(() => thread.join());
      });
    });
    expect(refused).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    thread.join();
    await thread.joinAsync();
  });
});

describe('excepthook', () => {
  it('is told of the error that ends a thread, which harms nobody else', async () => {
    const boom = new Error('boom');
    const failing = [
      new Thread({
        target: () => {
          throw boom;
        },
      }),
      new Thread({
        target: async () => {
          await turn();
          throw boom;
        },
      }),
    ];
    await run(() => {
      for (const thread of failing) thread.start();
      for (const thread of failing) thread.join();
    });
    expect(errors).toEqual(failing.map((thread) => ({ error: boom, thread })));
  });

  it('prints the error by default', async () => {
    const written: string[] = [];
    const { write } = process.stderr;
    process.stderr.write = ((text: string) => written.push(text)) as never;
    try {
      expect(before).toBe(excepthook);
      excepthook({ error: new TypeError('boom'), thread: new Thread({ name: 'the thread' }) });
      const hook = setExcepthook(() => {
        throw new Error('in the hook');
      });
      await run(() => {
        const target = (): never => {
          throw new Error('in the thread');
        };
        new Thread({ name: 'other', target }).start();
      });
      setExcepthook(hook);
    } finally {
      process.stderr.write = write;
    }
    expect(written.map((text) => text.split('\n').slice(0, 2).join('|'))).toEqual([
      'Exception in thread the thread:|TypeError: boom',
      'Exception in thread other:|Error: in the thread',
      'Exception in threading.excepthook:|Error: in the hook',
    ]);
  });
});

describe('the functions of the module', () => {
  it('currentThread() is the thread that runs, mainThread() the code of no task', async () => {
    expect(currentThread()).toBe(mainThread());
    expect(mainThread()).toMatchObject({ name: 'MainThread', daemon: false });
    expect(mainThread().isAlive()).toBe(true);
    const seen: unknown[] = [];
    await run(() => {
      const thread = new Thread({
        target: async () => {
          seen.push(currentThread(), getIdent());
          await turn();
          seen.push(currentThread());
        },
      });
      thread.start();
      thread.join();
      expect(seen).toEqual([thread, thread.ident, thread]);
    });
  });

  it('a task that no Thread started has a thread, too, with the name of the task', async () => {
    await run(function body() {
      const mine = currentThread();
      expect(mine.name).toMatch(/^body#\d+$/);
      expect(mine).not.toBe(mainThread());
      pause();
      expect(currentThread()).toBe(mine);
      expect(getIdent()).toBe(mine.ident);
      atOnce(() => expect(currentThread()).not.toBe(mine));
      expect(thrownBy(() => mine.start())).toMatchObject({ code: 'AEVENT_THREAD_STATE' });
    });
  });

  it('enumerate() and activeCount() tell of those that are alive', async () => {
    await run(() => {
      const mine = currentThread();
      const threads = [1, 2].map(() => new Thread({ target: () => pause(3) }));
      expect(enumerate()).toEqual([mainThread(), mine]);
      for (const thread of threads) thread.start();
      expect(enumerate()).toEqual([mainThread(), ...threads, mine]);
      expect(activeCount()).toBe(4);
      for (const thread of threads) thread.join();
      expect(activeCount()).toBe(2);
    });
    expect(enumerate()).toEqual([mainThread()]);
  });
});

describe('Timer', () => {
  it('calls its function after so long, in a thread of its own', async () => {
    await timed((clock) => {
      const seen: unknown[] = [];
      const timer = new Timer(30_000, (...args: string[]) => seen.push(args, clock.now(), currentThread()), [
        'hello',
      ]);
      timer.start();
      sleep(29_000);
      expect(seen).toEqual([]);
      timer.join();
      expect(seen).toEqual([['hello'], 30_000, timer]);
      timer.cancel();
    });
  });

  it('does nothing if it is cancelled before, and ends at once', async () => {
    await timed((clock) => {
      const timer = new Timer(1000, () => expect.unreachable());
      timer.start();
      sleep(10);
      timer.cancel();
      timer.join();
      expect(clock.now()).toBe(10);
      const never = new Timer(1000, () => expect.unreachable());
      never.cancel();
      never.start();
      never.join();
      expect(clock.now()).toBe(10);
    });
    expect(thrownBy(() => new Timer(-1, () => {}))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
  });
});

describe('Local', () => {
  it('has other properties in each task', async () => {
    const local = new Local();
    local.x = 'main';
    await run(async () => {
      expect('x' in local).toBe(false);
      const task = (name: string) => () => {
        local.x = name;
        pause();
        expect(local.x).toBe(name);
        expect(Object.keys(local)).toEqual(['x']);
        delete local.x;
        expect(local.x).toBe(undefined);
      };
      atOnce(task('a'), task('b'));
      local.x = 'run';
      await turn();
      expect({ ...local }).toEqual({ x: 'run' });
    });
    expect(local.x).toBe('main');
  });

  it('of a subclass is initialized in each task, with the same arguments; methods see the task’s own', async () => {
    let made = 0;
    class Counter extends Local {
      count: number;

      constructor(start: number) {
        super(start);
        made++;
        this.count = start;
      }

      next(): number {
        return ++this.count;
      }

      get doubled(): number {
        return 2 * this.count;
      }
    }
    const counter = new Counter(10);
    counter.next();
    await run(() => {
      atOnce(
        () => expect([counter.next(), counter.next(), counter.doubled]).toEqual([11, 12, 24]),
        () => expect(counter.next()).toBe(11),
      );
    });
    expect([counter.count, counter.doubled, made]).toEqual([11, 22, 3]);
    expect(counter).toBeInstanceOf(Counter);
    expect(counter).toBeInstanceOf(Local);
  });

  it('defines what can be deleted, and is not frozen', () => {
    const local = new Local();
    Object.defineProperty(local, 'hidden', { value: 1 });
    expect([Object.keys(local), local.hidden]).toEqual([[], 1]);
    expect(Object.getOwnPropertyDescriptor(local, 'hidden')).toMatchObject({ configurable: true });
    expect(() => Object.freeze(local)).toThrow(TypeError);
    expect(() => Object.defineProperty(local, 'x', { value: 1, configurable: false })).toThrow(TypeError);
  });
});
