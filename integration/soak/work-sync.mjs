// Work with what tasks have in common: locks, queues, pipes.
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import aevent from 'aevent';
import { pipe, read, write } from 'aevent/os';
import { Queue } from 'aevent/queue';
import { POLLIN, poll } from 'aevent/select';
import { Lock } from 'aevent/threading';
import { check, expectError, oneIn, pick, upTo } from './tally.mjs';
import { cancelled } from './work-network.mjs';

const { await_, taskGroup } = aevent;
const cells = Array.from({ length: 20 }, () => ({ lock: new Lock(), value: 0 }));

export const syncWork = () => ({
  lock() {
    if (oneIn(8)) expectError('AEVENT_NOT_ACQUIRED', () => new Lock().release());
    const cell = pick(cells);
    if (!cell.lock.acquire(true, oneIn(4) ? upTo(5) : undefined)) return; // its time was up
    try {
      if (oneIn(8)) cancelled(() => cell.lock.acquire());
      const { value } = cell;
      await_(delay(upTo(2)));
      check(cell.value === value, 'two tasks had the same lock');
      cell.value++;
    } finally {
      cell.lock.release();
    }
  },
  queue() {
    const queue = new Queue(2);
    if (oneIn(6)) cancelled(() => queue.get());
    if (oneIn(6)) expectError('AEVENT_QUEUE_EMPTY', () => queue.get(true, upTo(3)));
    const items = Array.from({ length: 1 + upTo(8) }, (_, i) => i);
    const got = [];
    taskGroup((tasks) => {
      tasks.spawn(() => {
        for (const item of queue) {
          if (oneIn(4)) await_(delay(upTo(2)));
          got.push(item);
          queue.taskDone();
        }
      });
      for (const item of items) queue.put(item);
      queue.join();
      queue.shutdown();
    });
    check(got.join() === items.join(), `a queue gave ${got}`);
    expectError('AEVENT_QUEUE_SHUT_DOWN', () => queue.put(0));
  },
  poll() {
    const open = new Set(pipe());
    const [from, to] = open;
    const close = (fd) => {
      open.delete(fd);
      closeSync(fd);
    };
    try {
      const set = poll();
      set.register(from, POLLIN);
      check(set.poll(0).length === 0, 'an empty pipe was readable');
      if (oneIn(6)) cancelled(() => set.poll());
      taskGroup((tasks) => {
        tasks.spawn(() => {
          await_(delay(upTo(5)));
          write(to, 'x');
        });
        check(set.poll()[0]?.[1] === POLLIN, 'a pipe was not readable');
      });
      check(String(read(from, 10)) === 'x', 'a pipe gave something else');
      close(from);
      expectError('EPIPE', () => write(to, 'y'));
    } finally {
      for (const fd of open) close(fd);
    }
  },
});

/** True if no lock is held. */
export const locksAreFree = () => cells.every(({ lock }) => !lock.locked());
