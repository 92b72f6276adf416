// native() and patched() where they are nested, handed on and left in unusual ways. What they do at all: mode.test.ts.
// More than 400 lines, since it goes through one table of nestings.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { EventEmitter as Emitter } from '../../../dist/monkey/facades/events.js';
import { setImmediate, setInterval, setTimeout } from '../../../dist/monkey/facades/timers.js';
import {
  call,
  hasPortal,
  native,
  orig,
  patch,
  patched,
  perTask,
  replacement,
  run,
  select,
  spawn,
  taskGroup,
} from '../../../dist/runtime/index.js';
import { inTask } from '../../../dist/runtime/modules/lowlevel.js';
import { apart, pause, paused, thrownBy, together, turn } from '../../support/tools.js';

const boom = new Error('boom');

/** What holds inside and, after `body`, still. */
const around = (body: () => unknown): boolean[] => {
  const before = hasPortal();
  body();
  return [before, hasPortal()];
};

describe('nested in one task', () => {
  it('the innermost decides, however deep, and each holds again when that ends', async () => {
    const seen: boolean[] = [];
    const nest = (depth: number): void => {
      if (depth === 0) return;
      const [outer, inner] = depth % 2 === 0 ? [native, patched] : [patched, native];
      outer(() => {
        seen.push(hasPortal());
        inner(() => nest(depth - 1));
        seen.push(hasPortal());
      });
    };
    await call(() => nest(4));
    expect(seen).toEqual([false, true, false, true, true, false, true, false]);
  });

  it('patched code inside may suspend while others go in and out of theirs', async () => {
    const seen = await together(20, (index) =>
      around(() =>
        native(() =>
          patched(() => {
            pause(index % 3);
            native(() => expect(hasPortal()).toBe(false));
            pause();
          }),
        ),
      ),
    );
    expect(seen.flat()).toEqual(Array.from({ length: 40 }, () => true));
  });

  it('an error leaves them as a return does', async () => {
    const seen = await call(() =>
      around(() => {
        const inside = (): unknown =>
          native(() =>
            thrownBy(() =>
              patched(() => {
                pause();
                throw boom;
              }),
            ),
          );
        expect(inside()).toBe(boom);
        expect(
          thrownBy(() =>
            native(() => {
              throw boom;
            }),
          ),
        ).toBe(boom);
      }),
    );
    expect(seen).toEqual([true, true]);
  });

  it('hold for whatever async resource runs something below them', async () => {
    const before = new AsyncResource('before');
    const seen = await call(() => {
      const mine = new AsyncResource('mine');
      const store = new AsyncLocalStorage<number>();
      const snapshot = AsyncLocalStorage.snapshot();
      const ways: ((fn: () => boolean) => boolean)[] = [
        (fn) => before.runInAsyncScope(fn),
        (fn) => mine.runInAsyncScope(fn),
        (fn) => store.run(1, fn),
        (fn) => store.exit(fn),
        (fn) => snapshot(fn),
      ];
      const through = (mode: (fn: () => boolean[]) => boolean[]): boolean[] =>
        mode(() => ways.map((way) => way(hasPortal)));
      const using_ = (): boolean[] => {
        using _ = native();
        const inside = ways.map((way) => way(hasPortal));
        using __ = patched();
        return [...inside, ...ways.map((way) => way(hasPortal))];
      };
      return [
        through(native),
        native(() => through(patched)),
        native(() => {
          using _ = patched();
          return ways.map((way) => way(hasPortal));
        }),
        using_(),
        ways.map((way) => way(hasPortal)),
      ];
    });
    const all = (portal: boolean): boolean[] => Array.from({ length: 5 }, () => portal);
    expect(seen).toEqual([all(false), all(true), all(true), [...all(false), ...all(true)], all(true)]);
  });
});

describe('in generators', () => {
  function* portals(): Generator<boolean> {
    for (;;) yield hasPortal();
  }
  const next = (generator: Generator<boolean>): boolean => generator.next().value as boolean;

  it('each step is in the mode of whoever takes it', async () => {
    const seen = await call(() => {
      const [made, madeInside] = [portals(), native(portals)];
      const steps = (): boolean[] => [next(made), next(madeInside)];
      return [steps(), native(steps), native(() => patched(steps)), steps()];
    });
    expect(seen.flat()).toEqual([true, true, false, false, true, true, true, true]);
  });

  it('one that is left in the middle of native(fn) cannot keep it, and a disposable holds until it is disposed', async () => {
    function* inside(): Generator<boolean> {
      using _ = native();
      yield hasPortal();
      yield hasPortal();
    }
    const seen = await call(() => {
      const generator = inside();
      const first = next(generator);
      const between = hasPortal();
      generator.return(undefined);
      return [first, between, hasPortal()];
    });
    expect(seen).toEqual([false, false, true]);
  });

  it('an async generator goes on in the mode that it was in', async () => {
    async function* steps(): AsyncGenerator<boolean> {
      await turn();
      yield hasPortal();
      await turn();
      yield hasPortal();
    }
    const seen = await call(async () => {
      const generator = steps();
      const first = await native(() => generator.next());
      const second = await generator.next();
      return [first.value, second.value, hasPortal()];
    });
    expect(seen).toEqual([false, true, true]);
  });
});

describe('across tasks and async work', () => {
  it('tasks that are started inside are opted in, and leave the others alone', async () => {
    const seen = await run(() =>
      native(async () => {
        const portals = [hasPortal()];
        spawn(() => portals.push(paused(hasPortal())));
        portals.push(await call(() => paused(hasPortal())));
        await patched(() => taskGroup((tasks) => void tasks.spawn(() => portals.push(hasPortal()))));
        portals.push(hasPortal());
        return portals;
      }),
    );
    expect(seen).toEqual([false, true, true, true, false]);
  });

  it('a task that ended without disposing leaves nothing to the next one on its stack', async () => {
    for (let i = 0; i < 5; i++) {
      await call(() => void native());
      expect(await call(() => paused(hasPortal()))).toBe(true);
    }
  });

  it('promise callbacks belong to where they were attached', async () => {
    const seen = await call(async () => {
      let settle: () => void = () => {};
      const promise = new Promise<void>((resolve) => {
        settle = resolve;
      });
      const attached = [
        promise.then(hasPortal),
        native(() => promise.then(hasPortal)),
        native(() => patched(() => promise.then(() => paused(hasPortal())))),
      ];
      native(settle);
      return Promise.all(attached);
    });
    expect(seen).toEqual([true, false, true]);
  });

  it('so do callbacks of timers, also when they are entered in place', async () => {
    const seen: [string, boolean][] = [];
    await call(() => {
      const register = (name: string): void => {
        const note = (): void => void seen.push([name, hasPortal()]);
        setImmediate(note);
        setTimeout(note, 0);
        const interval = setInterval(() => {
          clearInterval(interval);
          note();
        }, 1);
        inTask(note)();
      };
      register('task');
      native(() => register('native'));
      native(() => patched(() => register('patched')));
    });
    while (seen.length < 12) await turn();
    expect(seen.filter(([name, portal]) => portal === (name === 'native'))).toEqual([]);
  });

  it('patched() in native() in a callback suspends, and the callback goes on natively', async () => {
    const seen: boolean[] = [];
    const entered = await call(() =>
      inTask(() => {
        pause();
        native(() => {
          seen.push(hasPortal());
          patched(() => seen.push(paused(hasPortal(), 2)));
          seen.push(hasPortal());
          setImmediate(() => patched(() => seen.push(paused(hasPortal()), native(hasPortal))));
        });
        seen.push(hasPortal());
      }),
    );
    entered();
    while (seen.length < 6) await turn();
    expect(seen).toEqual([false, true, false, true, true, false]);
  });

  it('a listener runs in the mode of its registration, or of the task that emits', async () => {
    const seen: boolean[] = [];
    const emitter = new Emitter();
    await call(() => {
      const listener = (): void => void seen.push(hasPortal());
      native(() => emitter.on('native', listener));
      emitter.on('patched', listener);
      emitter.emit('native');
      native(() => emitter.emit('patched'));
    });
    emitter.emit('native');
    emitter.emit('patched');
    expect(seen).toEqual([true, true, false, true]);
  });

  it('what another task is suspended in does not go on before native() returns', async () => {
    const order: string[] = [];
    const emitter = new EventEmitter();
    await Promise.all([
      call(() => {
        pause();
        order.push('other');
      }),
      call(() => {
        emitter.on(
          'event',
          inTask(() => {
            order.push('listener');
            pause();
            order.push('listener resumed');
          }),
        );
        native(() => {
          emitter.emit('event');
          order.push('emitted');
        });
        pause(2);
      }),
    ]);
    expect(order.slice(0, 2)).toEqual(['listener', 'emitted']);
    expect(order.slice(2).sort()).toEqual(['listener resumed', 'other']);
  });
});

describe('using forms that are disposed late', () => {
  it('the outer one first: the inner one holds until it is disposed, then neither', async () => {
    const seen = await call(() => {
      const outer = native();
      const inner = patched();
      const innermost = native();
      const portals = [hasPortal()];
      inner[Symbol.dispose]();
      portals.push(hasPortal());
      outer[Symbol.dispose]();
      portals.push(hasPortal());
      innermost[Symbol.dispose]();
      portals.push(paused(hasPortal()));
      return portals;
    });
    expect(seen).toEqual([false, false, false, true]);
  });

  it('twice: the second time does nothing', async () => {
    const seen = await call(() => {
      const scope = native();
      scope[Symbol.dispose]();
      const again = native();
      scope[Symbol.dispose]();
      const inside = hasPortal();
      again[Symbol.dispose]();
      return [inside, hasPortal()];
    });
    expect(seen).toEqual([false, true]);
  });

  it('by another task: it goes on as itself', async () => {
    let scope: Disposable | undefined;
    const seen: unknown[] = [];
    await call(async () => {
      scope = native();
      await turn();
    });
    const callback = await call(() => inTask(() => seen.push(hasPortal())));
    await call(() => {
      const outer = patched();
      native(() => {
        scope?.[Symbol.dispose]();
        seen.push(hasPortal());
      });
      outer[Symbol.dispose]();
      seen.push(paused(hasPortal()));
    });
    await apart(async () => {
      await perTask();
      scope?.[Symbol.dispose]();
      seen.push(paused(hasPortal()));
    });
    callback();
    expect(seen).toEqual([false, true, true, true]);
  });

  it('after native(fn) returned: code after it is as before', async () => {
    const seen = await call(() => {
      let scope: Disposable | undefined;
      native(() => {
        scope = patched();
      });
      const portals = [hasPortal()];
      native(() => {
        scope?.[Symbol.dispose]();
        portals.push(hasPortal());
      });
      portals.push(paused(hasPortal()));
      return portals;
    });
    expect(seen).toEqual([true, false, true]);
  });

  it('outside of tasks, where nothing was opted in before', async () => {
    const seen = await apart(async () => {
      const scope = patched();
      const inside = native();
      scope[Symbol.dispose]();
      inside[Symbol.dispose]();
      await turn();
      return hasPortal();
    });
    expect(seen).toBe(false);
  });
});

describe('what is chosen', () => {
  it('is chosen by each call, of a function that was taken before, too', async () => {
    const fn = patch(() => paused('ours'), { orig: () => 'Node’s' });
    const taken = [fn, fn.bind(undefined), (): string => [0].map(fn)[0] as string];
    const all = (): string[] => taken.map((one) => one());
    expect(all()).toEqual(['Node’s', 'Node’s', 'Node’s']);
    const [inTaskAll, inNative] = await call(() => [all(), native(all)]);
    expect(inTaskAll).toEqual(['ours', 'ours', 'ours']);
    expect(inNative).toEqual(['Node’s', 'Node’s', 'Node’s']);
  });

  it('is what select tells', async () => {
    const fn = patch(() => 'ours', { orig: () => 'Node’s' });
    const seen = await call(() => [
      fn[select]() === fn[replacement],
      native(() => fn[select]() === fn[orig]),
      native(() => patched(() => fn[select]() === fn[replacement])),
    ]);
    expect([...seen, fn[select]() === fn[orig]]).toEqual([true, true, true, true]);
  });
});
