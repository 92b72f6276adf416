import { expect, it } from 'vitest';
import { call, moveOnAfter, run, type TaskGroup, taskGroup, tasks } from '../../../dist/runtime/index.js';
import { yieldToLoop } from '../../../dist/runtime/modules/lowlevel.js';
import { Queue } from '../../../dist/runtime/modules/queue/index.js';
import { Barrier, Lock, RLock, Thread } from '../../../dist/runtime/modules/threading/index.js';

type Body = Record<string, (names: Record<string, { wait(): unknown }>) => unknown>;

/** What is found, from outside of tasks, while these wait; then all are cancelled. */
async function deadlocksOf(bodies: Body, others: (group: TaskGroup) => void = () => {}): Promise<string[]> {
  let found: string[] = [];
  await run(async function main() {
    await taskGroup(async (group) => {
      const handles: Record<string, { wait(): unknown }> = {};
      for (const [name, body] of Object.entries(bodies))
        handles[name] = group.startSoon(Object.defineProperty(() => body(handles), 'name', { value: name }));
      others(group);
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
      found = await new Promise<string[]>((resolve) => {
        setImmediate(() => resolve(tasks({ stacks: false }).deadlocks.map(({ text }) => text)));
      });
      group.cancelScope.cancel();
    });
  });
  return found.map((text) => text.replaceAll(/#\d+/g, ''));
}

/** Two tasks that take two locks, each in its own order. */
function crossed(first: Lock | RLock, second: Lock | RLock): Body {
  const take = (one: Lock | RLock, other: Lock | RLock) => () => {
    one.acquire();
    yieldToLoop();
    other.acquire();
  };
  return { a: take(first, second), b: take(second, first) };
}

it('names the tasks that wait for each other in locks', async () => {
  expect(await deadlocksOf(crossed(new Lock(), new Lock()))).toEqual([
    'a waits in Lock.acquire held by b; b waits in Lock.acquire held by a',
  ]);
  expect(await deadlocksOf(crossed(new RLock(), new Lock()))).toEqual([
    'a waits in Lock.acquire held by b; b waits in RLock.acquire held by a',
  ]);
});

it('names a task that waits for itself', async () => {
  const lock = new Lock();
  const itself = (): void => {
    lock.acquire();
    lock.acquire();
  };
  expect(await deadlocksOf({ itself })).toEqual(['itself waits in Lock.acquire held by itself']);
});

it('names those that join each other, by handles and threads', async () => {
  expect(await deadlocksOf({ a: ({ b }) => b?.wait(), b: ({ a }) => a?.wait() })).toEqual([
    'a waits in TaskHandle.wait of b; b waits in TaskHandle.wait of a',
  ]);
  let one: Thread | undefined;
  const two = new Thread({ name: 'two', daemon: true, target: () => one?.join() });
  one = new Thread({ name: 'one', daemon: true, target: () => two.join() });
  const start = (): void => {
    one?.start();
    two.start();
  };
  expect(await deadlocksOf({ start })).toEqual([
    'one waits in Thread.join of two; two waits in Thread.join of one',
  ]);
});

it('names a group whose task waits for a lock that the code around the group holds', async () => {
  const lock = new Lock();
  const around = (): void => {
    lock.acquire();
    taskGroup((group) => {
      group.spawn(function inside() {
        lock.acquire();
      });
    });
  };
  expect(await deadlocksOf({ around })).toEqual([
    'around waits in TaskGroup of 1 task; inside waits in Lock.acquire held by around',
  ]);
});

it('names a barrier that waits for a task which waits for a lock of one that has come', async () => {
  const lock = new Lock();
  const barrier = new Barrier(2);
  const comes = (): void => {
    lock.acquire();
    barrier.wait();
  };
  const late = (): void => {
    lock.acquire();
    barrier.wait();
  };
  // From the synchronous code of a task: its main task waits, too.
  const found = await blocked({ comes, late });
  expect(found).toEqual([
    'comes waits in Barrier.wait of 2, 1 of whom have come; late waits in Lock.acquire held by comes',
  ]);
});

it('names tasks that wait for each other by queues, as they did before', async () => {
  const [there, back] = [new Queue(1), new Queue(1)];
  const a = (): void => {
    for (const item of there) back.put(item);
  };
  const b = (): void => {
    there.put(1);
    back.get();
    back.get();
  };
  const found = await blocked({ a, b });
  expect(found).toEqual(['a waits in Queue.get (0/1); b waits in Queue.get (0/1)']);
});

it.each([
  ['a time limit', (lock: Lock) => lock.acquire(true, 60_000)],
  ['a deadline', (lock: Lock) => moveOnAfter(60_000, () => lock.acquire())],
])('does not name a wait with %s', async (_, take) => {
  const [first, second] = [new Lock(), new Lock()];
  const { a } = crossed(first, second);
  const b = (): void => {
    second.acquire();
    yieldToLoop();
    take(first);
  };
  expect(await deadlocksOf({ a: a as () => unknown, b })).toEqual([]);
});

it('does not name workers that wait for what callbacks put into their queue, or for what has never come', async () => {
  const [fed, never] = [new Queue<number>(), new Queue<number>()];
  const feed = setInterval(() => fed.put(1), 1);
  const worker = (): void => {
    for (const _ of fed);
  };
  const found = await blocked({ worker, other: worker, idle: () => never.get() });
  clearInterval(feed);
  expect(found).toEqual([]);
});

it('does not name what another task may still wake', async () => {
  const queue = new Queue();
  const lock = new Lock();
  const holds = (): void => {
    lock.acquire();
    for (let i = 0; i < 100; i++) yieldToLoop();
    lock.release();
    queue.put(1);
  };
  expect(await deadlocksOf({ holds, waits: () => lock.acquire(), gets: () => queue.get() })).toEqual([]);
});

it('finds one among 5,000 tasks, and 5,000 that wait in a row', async () => {
  const lock = new Lock();
  const found = await deadlocksOf(crossed(new Lock(), new Lock()), (group) => {
    for (let i = 0; i < 2500; i++) group.startSoon(() => lock.acquire());
    let handle = group.startSoon(() => lock.acquire());
    for (let i = 0; i < 2500; i++) {
      const before = handle;
      handle = group.startSoon(() => before.wait());
    }
  });
  expect(found).toHaveLength(1);
  expect(found[0]).toContain('a waits in Lock.acquire held by b');
});

/** As {@link deadlocksOf}, with a main task that waits in its synchronous code, and nothing else that runs. */
async function blocked(bodies: Record<string, () => unknown>): Promise<string[]> {
  let found: string[] = [];
  await call(function main() {
    taskGroup((group) => {
      for (const [name, body] of Object.entries(bodies))
        group.startSoon(Object.defineProperty(() => body(), 'name', { value: name }));
      setTimeout(() => {
        found = tasks().deadlocks.map(({ text }) => text);
        group.cancelScope.cancel();
      }, 50);
    });
  });
  return found.map((text) => text.replaceAll(/#\d+/g, ''));
}
