import {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
} from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { call, createTaskGroup, hasPortal } from '../../../dist/runtime/index.js';
import { inTask } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, paused, thrownBy, together, turn } from '../../support/tools.js';
import { json } from '../child.js';

const store = new AsyncLocalStorage<unknown>();
const other = new AsyncLocalStorage<unknown>();

describe('AsyncLocalStorage', () => {
  it('gives a task the store that it was started under', async () => {
    const seen = await store.run('outside', () => call(() => [store.getStore(), paused(store).getStore()]));
    expect(seen).toEqual(['outside', 'outside']);
    expect(store.getStore()).toBe(undefined);
  });

  it('keeps the store of run() over suspensions, and takes it back after it', async () => {
    const seen = await call(() => {
      const stores = [store.getStore()];
      store.run('outer', () => {
        pause();
        stores.push(store.getStore());
        store.run('inner', () => {
          pause();
          stores.push(store.getStore());
        });
        pause();
        stores.push(store.getStore());
      });
      pause();
      stores.push(store.getStore());
      return stores;
    });
    expect(seen).toEqual([undefined, 'outer', 'inner', 'outer', undefined]);
  });

  it('takes the store back when run() is left by an error after a suspension', async () => {
    const boom = new Error('boom');
    const seen = await call(() => {
      const error = thrownBy(() =>
        store.run('store', () => {
          pause();
          throw boom;
        }),
      );
      return [error, store.getStore(), paused(store).getStore()];
    });
    expect(seen).toEqual([boom, undefined, undefined]);
  });

  it('keeps the store of enterWith() over suspensions, within the task', async () => {
    const [seen, meanwhile] = await Promise.all([
      call(() => {
        store.enterWith('entered');
        pause(2);
        return [store.getStore(), paused(store).getStore()];
      }),
      call(() => [paused(store).getStore(), paused(store, 3).getStore()]),
    ]);
    expect(seen).toEqual(['entered', 'entered']);
    expect(meanwhile).toEqual([undefined, undefined]);
    expect(store.getStore()).toBe(undefined);
  });

  it('has no store inside of exit()', async () => {
    const seen = await call(() =>
      store.run('store', () => [store.exit(() => paused(store).getStore()), store.getStore()]),
    );
    expect(seen).toEqual([undefined, 'store']);
  });

  it('keeps several stores apart', async () => {
    const seen = await together(4, (id) =>
      store.run(id, () => {
        pause(1 + (id % 2));
        return other.run(-id, () => [paused(store).getStore(), paused(other).getStore()]);
      }),
    );
    expect(seen).toEqual([0, 1, 2, 3].map((id) => [id, -id]));
  });

  it('restores what snapshot() and bind() took, and suspends inside of them', async () => {
    const seen = await call(() => {
      const [snapshot, bound] = store.run('taken', () => [
        AsyncLocalStorage.snapshot(),
        AsyncLocalStorage.bind(() => paused(store).getStore()),
      ]);
      return store.run('current', () => [
        snapshot(() => paused(store).getStore()),
        store.getStore(),
        bound(),
        store.getStore(),
      ]);
    });
    expect(seen).toEqual(['taken', 'current', 'taken', 'current']);
  });

  it('follows promises, timers and tasks that a task starts, over its suspensions', async () => {
    const seen = await call(() =>
      store.run('store', async () => {
        pause();
        const tasks = createTaskGroup();
        const stores: unknown[] = [];
        tasks.spawn(() => stores.push(paused(store).getStore()));
        await tasks[Symbol.asyncDispose]();
        stores.push(store.getStore());
        stores.push(await new Promise((resolve) => setTimeout(() => resolve(store.getStore()))));
        stores.push(await new Promise((resolve) => process.nextTick(() => resolve(store.getStore()))));
        pause();
        stores.push(await Promise.resolve().then(() => paused(store).getStore()));
        return stores;
      }),
    );
    expect(seen).toEqual(Array(5).fill('store'));
  });

  it('shows each of 1,000 interleaved tasks its own store', async () => {
    const wrong = await together(1000, (id) =>
      store.run(id, () => {
        let misses = 0;
        for (let step = 0; step < 5; step++) {
          pause(1 + ((id + step) % 3));
          if (store.getStore() !== id) misses++;
          store.run(`${id}.${step}`, () => {
            pause();
            if (store.getStore() !== `${id}.${step}`) misses++;
          });
        }
        return misses;
      }),
    );
    expect(wrong.reduce((sum, misses) => sum + misses)).toBe(0);
  });

  it('has the store of the registration in callbacks that suspend', async () => {
    const seen: unknown[] = [];
    await call(() => {
      for (const name of ['a', 'b', 'c']) {
        store.run(name, () => {
          setTimeout(inTask(() => seen.push([name, store.getStore(), paused(store, 2).getStore()])));
          process.nextTick(inTask(() => seen.push([name, store.getStore(), paused(store).getStore()])));
        });
      }
      while (seen.length < 6) pause();
    });
    expect(seen).toEqual(
      expect.arrayContaining(['a', 'b', 'c', 'a', 'b', 'c'].map((name) => [name, name, name])),
    );
  });
});

describe('the async-hooks stack', () => {
  it('is carried over a suspension inside of AsyncResource.runInAsyncScope', async () => {
    const seen = await together(20, (id) => {
      const resource = new AsyncResource('TEST', { triggerAsyncId: 1000 + id });
      return resource.runInAsyncScope(() => {
        const ids = () => [
          executionAsyncId() === resource.asyncId(),
          triggerAsyncId() === 1000 + id,
          (executionAsyncResource() as unknown) === resource,
        ];
        return [...ids(), ...paused(ids, 1 + (id % 3))(), hasPortal()];
      });
    });
    expect(seen).toEqual(Array(20).fill(Array(7).fill(true)));
  });

  it('is carried when scopes are nested, and parked at different depths', async () => {
    const seen = await together(12, (id) => {
      const enter = (depth: number): boolean[] => {
        const before = executionAsyncId();
        const resource = new AsyncResource('TEST');
        const inside = resource.runInAsyncScope(() => {
          pause(1 + ((id + depth) % 2));
          const deeper = depth < id % 5 ? enter(depth + 1) : [];
          pause();
          return [...deeper, executionAsyncId() === resource.asyncId()];
        });
        return [...inside, executionAsyncId() === before];
      };
      return enter(0).every(Boolean);
    });
    expect(seen).toEqual(Array(12).fill(true));
  });

  it('shows a suspended timer callback its own ids and resource, and the caller its own', async () => {
    const seen: boolean[] = [];
    await call(() => {
      for (let i = 0; i < 10; i++) {
        const timeout = setTimeout(
          inTask(() => {
            const before = [executionAsyncId(), triggerAsyncId()];
            seen.push((executionAsyncResource() as unknown) === timeout);
            pause(1 + (i % 3));
            seen.push((executionAsyncResource() as unknown) === timeout);
            seen.push([executionAsyncId(), triggerAsyncId()].join() === before.join());
          }),
        );
      }
      while (seen.length < 30) pause();
    });
    expect(seen).toEqual(Array(30).fill(true));
  });

  it('survives hooks that are enabled for the first time in the middle of a task', async () => {
    expect(await json(['hooks-late.mjs'])).toEqual({ inScope: true, store: true, balanced: true });
  });

  it('keeps the callbacks of a hook balanced', async () => {
    expect(await json(['hooks-balanced.mjs'])).toEqual({ unbalanced: [], destroyedTwice: [], results: 60 });
  });

  it('survives a hook that is switched on and off by tasks', async () => {
    const results = await together(20, (id) => {
      const hook = createHook({ init() {}, before() {}, after() {} });
      return new AsyncResource('TEST').runInAsyncScope(() => {
        pause(1 + (id % 2));
        hook.enable();
        pause(1 + (id % 3));
        const inside = executionAsyncId();
        hook.disable();
        pause();
        return inside === executionAsyncId();
      });
    });
    expect(results).toEqual(Array(20).fill(true));
    await turn();
  });
});
