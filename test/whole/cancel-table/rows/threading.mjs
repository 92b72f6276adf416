// What waits in aevent/threading and aevent/queue: a cancelled waiter holds nothing, and what it would have got is
// there for the next one.
import aevent from 'aevent';
import { LifoQueue, PriorityQueue, Queue, SimpleQueue } from 'aevent/queue';
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
  Thread,
  Timer,
} from 'aevent/threading';

const LONG_MS = 60_000;

function must(holds, what) {
  if (!holds) throw new Error(what);
}

/** A lock that another task holds, and gives back in the end. */
const held = (make) => () => {
  const lock = make();
  let release;
  const holding = aevent.call(() => {
    lock.acquire();
    const given = new Event();
    release = () => given.set();
    given.wait();
    lock.release();
  });
  return { lock, release: () => release?.(), holding };
};

const acquiring = (name, make, timeoutMs) => ({
  name,
  arrange: held(make),
  act: ({ lock }) => {
    if (lock.acquire(true, timeoutMs)) lock.release();
  },
  finish: ({ release }) => release(),
  after: async ({ lock, release, holding }) => {
    release();
    await holding;
    await aevent.call(() => {
      must(lock.acquire(false), 'the lock is not free');
      lock.release();
    });
  },
});

const conditions = (name, timeoutMs) => ({
  name,
  arrange: () => new Condition(new Lock()),
  act: (condition) => {
    condition.acquire();
    try {
      return condition.wait(timeoutMs);
    } finally {
      condition.release();
    }
  },
  finish: (condition) => {
    must(condition.acquire(false), 'who waits holds the lock');
    condition.notify();
    condition.release();
  },
  after: (condition) => must(!condition.locked(), 'the lock is not free'),
});

const getting = (name, Kind, timeoutMs) => ({
  name,
  arrange: () => ({ queue: new Kind(), put: 0, got: 0 }),
  act: (state) => {
    state.queue.get(true, timeoutMs);
    state.got++;
  },
  finish: (state) => {
    state.queue.put(1);
    state.put++;
  },
  after: ({ queue, put, got }) => must(queue.qsize() === put - got, 'an item was lost'),
});

export const rows = [
  acquiring('Lock.acquire', () => new Lock()),
  acquiring('Lock.acquire with a time-out', () => new Lock(), LONG_MS),
  acquiring('RLock.acquire', () => new RLock()),
  acquiring('Semaphore.acquire', () => new Semaphore(1)),
  acquiring('BoundedSemaphore.acquire with a time-out', () => new BoundedSemaphore(1), LONG_MS),
  conditions('Condition.wait'),
  conditions('Condition.wait with a time-out', LONG_MS),
  {
    name: 'Event.wait',
    arrange: () => new Event(),
    act: (event) => event.wait(),
    finish: (event) => event.set(),
  },
  {
    name: 'Event.wait with a time-out',
    arrange: () => new Event(),
    act: (event) => event.wait(LONG_MS),
    finish: (event) => event.set(),
  },
  {
    name: 'Barrier.wait, which a cancelled party leaves',
    arrange: () => ({ barrier: new Barrier(2) }),
    act: ({ barrier }) => barrier.wait(LONG_MS),
    finish: (state) => {
      state.other = aevent.call(() => state.barrier.wait());
    },
    after: async ({ barrier, other }) => {
      const waiting = barrier.nWaiting;
      must(!barrier.broken, 'the barrier is broken');
      if (waiting > 0) await Promise.all([other, aevent.call(() => barrier.wait())]);
      else await other;
    },
  },
  {
    name: 'Thread.join, which leaves the thread alone',
    arrange: () => {
      const go = new Event();
      const thread = new Thread({ target: () => go.wait() });
      const running = aevent.run(() => thread.start());
      return { go, thread, running };
    },
    act: ({ thread }) => {
      while (thread.ident === undefined) aevent.checkpoint();
      thread.join(LONG_MS);
    },
    finish: ({ go }) => go.set(),
    after: async ({ go, thread, running }) => {
      go.set();
      await running;
      must(!thread.isAlive(), 'the thread is alive');
    },
  },
  {
    name: 'Timer, as a task of a runner',
    act: () => aevent.await_(aevent.runner(() => new Timer(5, () => {}).start())),
  },
  getting('Queue.get', Queue),
  getting('Queue.get with a time-out', Queue, LONG_MS),
  getting('LifoQueue.get', LifoQueue),
  getting('PriorityQueue.get', PriorityQueue),
  getting('SimpleQueue.get', SimpleQueue),
  {
    name: 'Queue.put',
    arrange: () => {
      const queue = new Queue(1);
      queue.put('first');
      return { queue, put: 1, got: 0 };
    },
    act: (state) => {
      state.queue.put('second', true, LONG_MS);
      state.put++;
    },
    finish: (state) => {
      state.queue.getNowait();
      state.got++;
    },
    after: ({ queue, put, got }) => must(queue.qsize() === put - got, 'an item is there that was not put'),
  },
  {
    name: 'Queue.join',
    arrange: () => {
      const queue = new Queue();
      queue.put(1);
      return queue;
    },
    act: (queue) => queue.join(),
    finish: (queue) => queue.taskDone(),
  },
];
