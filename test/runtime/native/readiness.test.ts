import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { call, createTaskGroup } from '../../../dist/runtime/index.js';
import { waitForFd } from '../../../dist/runtime/io/fd-readiness.js';
import { thrownBy, together, turn } from '../../support/tools.js';

describe('waitForFd', () => {
  const dir = mkdtempSync(join(tmpdir(), 'aevent-fd-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  /** Both ends of a new FIFO. */
  function fifo(name: string): { read: number; write: number } {
    const path = join(dir, name);
    execFileSync('mkfifo', [path]);
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { read, write: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
  }

  it('waits until something was written', async () => {
    const { read, write } = fifo('written');
    const order: string[] = [];
    const reader = call(() => {
      waitForFd(read, 'r', 'test');
      const buffer = Buffer.alloc(8);
      order.push(`read ${buffer.toString('latin1', 0, readSync(read, buffer))}`);
    });
    await turn(3);
    order.push('written');
    writeSync(write, 'word');
    await reader;
    expect(order).toEqual(['written', 'read word']);
    closeSync(read);
    closeSync(write);
  });

  it('wakes at the end of what can be read', async () => {
    const { read, write } = fifo('ended');
    const reader = call(() => {
      waitForFd(read, 'r', 'test');
      return readSync(read, Buffer.alloc(8));
    });
    await turn(2);
    closeSync(write);
    expect(await reader).toBe(0);
    closeSync(read);
  });

  it('waits until a full pipe can take more', async () => {
    const { read, write } = fifo('full');
    const chunk = Buffer.alloc(65536);
    expect(
      thrownBy(() => {
        for (;;) writeSync(write, chunk);
      }),
    ).toMatchObject({ code: 'EAGAIN' });
    const order: string[] = [];
    const writer = call(() => {
      waitForFd(write, 'w', 'test');
      order.push('writable');
    });
    await turn(3);
    order.push('drained');
    readSync(read, chunk);
    await writer;
    expect(order).toEqual(['drained', 'writable']);
    closeSync(read);
    closeSync(write);
  });

  it('serves two tasks that wait for the same descriptor', async () => {
    const { read, write } = fifo('shared');
    const readers = together(2, () => waitForFd(read, 'r', 'test'));
    await turn(2);
    writeSync(write, 'word');
    await readers;
    closeSync(read);
    closeSync(write);
  });

  it('leaves a blocking descriptor blocking', async () => {
    const path = join(dir, 'blocking');
    execFileSync('mkfifo', [path]);
    const fd = openSync(path, constants.O_RDWR);
    const flags = () =>
      execFileSync('grep', ['flags', `/proc/${process.pid}/fdinfo/${fd}`], { encoding: 'utf8' });
    const before = flags();
    const waiting = call(() => waitForFd(fd, 'r', 'test'));
    await turn(2);
    expect(flags()).toBe(before);
    writeSync(fd, 'x');
    await waiting;
    closeSync(fd);
  });

  it('does not wait for regular files and for what is no descriptor', async () => {
    const path = join(dir, 'regular');
    writeFileSync(path, '');
    const fd = openSync(path, 'r');
    await call(() => waitForFd(fd, 'rw', 'test'));
    closeSync(fd);
    await call(() => waitForFd(fd, 'r', 'test'));
    await call(() => waitForFd(-1, 'r', 'test'));
  });

  it('is interrupted by cancellation', async () => {
    const { read, write } = fifo('cancelled');
    let error: unknown;
    const tasks = createTaskGroup();
    const scope = tasks.spawn(() => {
      error = thrownBy(() => waitForFd(read, 'r', 'test'));
    });
    await turn(2);
    scope.cancel();
    await tasks[Symbol.asyncDispose]();
    expect(error).toMatchObject({ code: 'AEVENT_CANCELLED' });
    closeSync(read);
    closeSync(write);
  });
});
