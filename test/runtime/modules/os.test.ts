import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { call, createTaskGroup } from '../../../dist/runtime/index.js';
import { pipe, read, write } from '../../../dist/runtime/modules/os.js';
import { thrownBy, turn } from '../../support/tools.js';

const dir = mkdtempSync(join(tmpdir(), 'aevent-os-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function withPipe<T>(body: (readFd: number, writeFd: number) => Promise<T>): Promise<T> {
  const ends = pipe();
  try {
    return await body(...ends);
  } finally {
    for (const fd of ends) closeSync(fd);
  }
}

describe('read', () => {
  it('waits for a pipe to have something, and gives what there is', () =>
    withPipe(async (readFd, writeFd) => {
      const order: string[] = [];
      const reader = call(() => order.push(read(readFd, 100).toString()));
      await turn(3);
      order.push('written');
      expect(write(writeFd, 'héllo')).toBe(6);
      await reader;
      expect(order).toEqual(['written', 'héllo']);
    }));

  it('reads what is there without suspending, outside of a task too', () =>
    withPipe(async (readFd, writeFd) => {
      write(writeFd, new Uint16Array([0x6161, 0x6262]).subarray(1));
      expect(read(readFd, 1).toString()).toBe('b');
      expect(read(readFd, 0)).toHaveLength(0);
      expect(read(readFd, 9).toString()).toBe('b');
      expect(thrownBy(() => read(readFd, 1))).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    }));

  it('gives nothing at the end', async () => {
    const [readFd, writeFd] = pipe();
    const reader = call(() => read(readFd, 1));
    await turn(2);
    closeSync(writeFd);
    expect(await reader).toHaveLength(0);
    closeSync(readFd);
  });

  it('waits on a descriptor that was opened with O_NONBLOCK, too', async () => {
    const path = join(dir, 'fifo');
    execFileSync('mkfifo', [path]);
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const reader = call(() => read(fd, 5).toString());
    await turn(3);
    write(fd, 'hello');
    expect(await reader).toBe('hello');
    const filler = Buffer.alloc(1 << 20);
    const first = await call(() => write(fd, filler));
    expect(first).toBeLessThan(filler.length);
    const writer = call(() => write(fd, filler));
    await turn(3);
    expect(read(fd, 1 << 20)).toHaveLength(first);
    expect(await writer).toBeGreaterThan(0);
    closeSync(fd);
  });

  it('two readers get what comes in the order of their calls', () =>
    withPipe(async (readFd, writeFd) => {
      const readers = [1, 2].map(() => call(() => read(readFd, 1).toString()));
      await turn(2);
      write(writeFd, 'ab');
      expect(await Promise.all(readers)).toEqual(['a', 'b']);
    }));

  it('reads files, small and large, from where they are', async () => {
    const path = join(dir, 'file');
    const text = 'x'.repeat(300_000);
    writeFileSync(path, text);
    const fd = openSync(path, 'r');
    const parts = await call(() => [10, 200_000, 200_000, 10].map((n) => read(fd, n).length));
    expect(parts).toEqual([10, 200_000, 99_990, 0]);
    closeSync(fd);
  });

  it('reads from standard input while the loop turns, and from a socket', async () => {
    const script = `
      import { read, write } from 'aevent/os';
      import aevent from 'aevent';
      setInterval(() => write(1, 'beat '), 1).unref();
      await aevent.call(() => write(1, read(0, 100)));
    `;
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = ['--input-type=module', '-e', script];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    let text = '';
    for await (const chunk of child.stdout) {
      text += chunk;
      if (text.startsWith('beat beat')) child.stdin.end('from the pipe');
    }
    expect(text).toMatch(/^(beat )+from the pipe/);

    const server = net.createServer((socket) => socket.end('from the socket')).listen(join(dir, 'socket'));
    const socket = net.connect({ path: join(dir, 'socket') });
    socket.pause();
    await new Promise<void>((connected) => socket.once('connect', connected));
    const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
    expect(await call(() => read(fd, 100).toString())).toBe('from the socket');
    socket.destroy();
    server.close();
  });
});

describe('write', () => {
  it('takes what fits, and waits while nothing does', () =>
    withPipe(async (readFd, writeFd) => {
      const filler = Buffer.alloc(1 << 20);
      const taken = await call(() => write(writeFd, filler));
      expect(taken).toBeGreaterThan(4096);
      expect(taken).toBeLessThan(filler.length);
      const order: string[] = [];
      const writer = call(() => {
        expect(write(writeFd, filler)).toBeGreaterThan(0);
        order.push('written');
      });
      await turn(3);
      order.push('read');
      expect(read(readFd, 1 << 20)).toHaveLength(taken);
      await writer;
      expect(order).toEqual(['read', 'written']);
    }));

  it('writes to files', async () => {
    const path = join(dir, 'written');
    const fd = openSync(path, 'w');
    expect(await call(() => [write(fd, 'a'), write(fd, Buffer.alloc(200_000, 'b')), write(fd, '')])).toEqual([
      1, 200_000, 0,
    ]);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe(`a${'b'.repeat(200_000)}`);
  });
});

describe('both', () => {
  it("end with the system's errors", async () => {
    const [readFd, writeFd] = pipe();
    await call(() => {
      expect(thrownBy(() => read(writeFd, 1))).toMatchObject({ code: 'EBADF', syscall: 'read' });
      expect(thrownBy(() => write(readFd, 'x'))).toMatchObject({ code: 'EBADF', syscall: 'write' });
      closeSync(readFd);
      expect(thrownBy(() => write(writeFd, 'x'))).toMatchObject({ code: 'EPIPE', syscall: 'write' });
      closeSync(writeFd);
      expect(thrownBy(() => write(writeFd, 'x'))).toMatchObject({ code: 'EBADF', syscall: 'write' });
      expect(thrownBy(() => read(readFd, 1))).toMatchObject({ code: 'EBADF', syscall: 'read' });
    });
  });

  it('refuse what makes no sense', () => {
    for (const misuse of [
      () => read(-1, 1),
      () => read('0' as never, 1),
      () => read(0, -1),
      () => read(0, 0.5),
      () => write(0.5, 'x'),
      () => write(1, 5 as never),
    ]) {
      expect(thrownBy(misuse)).toMatchObject({ name: 'TypeError', code: 'AEVENT_INVALID_ARGUMENT' });
    }
  });

  it('are interrupted by cancellation, and take and give nothing then', () =>
    withPipe(async (readFd, writeFd) => {
      const tasks = createTaskGroup();
      let error: unknown;
      tasks.spawn(() => {
        error = thrownBy(() => read(readFd, 1));
      });
      await turn(3);
      tasks.cancelScope.cancel();
      await tasks[Symbol.asyncDispose]();
      expect(error).toMatchObject({ code: 'AEVENT_CANCELLED' });
      write(writeFd, 'kept');
      expect(read(readFd, 10).toString()).toBe('kept');
    }));
});
