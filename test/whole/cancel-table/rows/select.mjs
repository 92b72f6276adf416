// aevent/select, aevent/os and aevent/signal.

import { closeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { pipe, read, write } from 'aevent/os';
import { POLLIN, poll, select } from 'aevent/select';
import { block, sigwait } from 'aevent/signal';

const ends = () => {
  const [readFd, writeFd] = pipe();
  return { readFd, writeFd };
};
const close = ({ readFd, writeFd }) => {
  closeSync(readFd);
  closeSync(writeFd);
};
const filling = ({ writeFd }) => {
  for (let left = 1 << 20; left > 0; ) {
    const taken = write(writeFd, Buffer.alloc(left));
    if (taken < left) return;
    left -= taken;
  }
};
const send = ({ writeFd }) => void write(writeFd, 'x');

export const rows = [
  {
    name: 'poll().poll',
    arrange: ends,
    act: ({ readFd }) => {
      const waiting = poll();
      waiting.register(readFd, POLLIN);
      return waiting.poll(60_000);
    },
    finish: send,
    after: close,
  },
  {
    name: 'select',
    arrange: ends,
    act: ({ readFd }) => select([readFd], [], []),
    finish: send,
    after: close,
  },
  { name: 'os.read', arrange: ends, act: ({ readFd }) => read(readFd, 10), finish: send, after: close },
  {
    name: 'os.write',
    arrange: () => {
      const made = ends();
      filling(made);
      return made;
    },
    act: ({ writeFd }) => write(writeFd, Buffer.alloc(100_000)),
    finish: ({ readFd }) => void read(readFd, 1 << 20),
    after: close,
  },
  {
    name: 'sigwait',
    // Held back, so that one that nobody takes any more does no harm.
    arrange: () => block('SIGUSR2'),
    act: () => sigwait('SIGUSR2'),
    finish: () => process.kill(process.pid, 'SIGUSR2'),
    after: async (blocked) => {
      const stay = () => {};
      process.on('SIGUSR2', stay);
      blocked[Symbol.dispose]();
      // It is sent again once the loop has polled, however long that takes.
      for (let turns = 0; turns < 4; turns++) await turn();
      process.removeListener('SIGUSR2', stay);
    },
  },
];
