import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { call, createTaskGroup } from '../../../../dist/runtime/index.js';
import { pipe } from '../../../../dist/runtime/modules/os.js';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
  type Pollable,
  poll,
  select,
} from '../../../../dist/runtime/modules/select/index.js';
import { thrownBy, together, turn } from '../../../support/tools.js';

const open = new Set<number>();
const sockets = new Set<{ destroy(): void }>();
const dir = mkdtempSync(join(tmpdir(), 'aevent-select-'));

function newPipe(): [number, number] {
  const ends = pipe();
  for (const fd of ends) open.add(fd);
  return ends;
}
function close(fd: number): void {
  open.delete(fd);
  closeSync(fd);
}
afterEach(() => {
  for (const fd of open) close(fd);
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What a poll for this one target gives. */
function pollOne(target: Pollable, events: number, timeoutMs?: number | null): number | undefined {
  const waiting = poll();
  waiting.register(target, events);
  return waiting.poll(timeoutMs)[0]?.[1];
}

/** Both ends of a TCP connection. */
async function connection(): Promise<{ ours: net.Socket; theirs: net.Socket }> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0);
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const ours = net.connect({ port: (server.address() as net.AddressInfo).port, allowHalfOpen: true });
  const [theirs] = (await accepted) as [net.Socket];
  if (ours.connecting) await once(ours, 'connect');
  server.close();
  for (const socket of [ours, theirs]) {
    sockets.add(socket);
    socket.on('error', () => {});
  }
  return { ours, theirs };
}

describe('poll', () => {
  it('waits until something was written', async () => {
    const [read, write] = newPipe();
    const order: unknown[] = [];
    const waiting = call(() => order.push(pollOne(read, POLLIN)));
    await turn(3);
    order.push('written');
    writeSync(write, 'x');
    await waiting;
    expect(order).toEqual(['written', POLLIN]);
  });

  it('reports what is ready of what was registered, and with which events', async () => {
    const [emptyRead, idleWrite] = newPipe();
    const [fullRead, brokenWrite] = newPipe();
    writeSync(brokenWrite, 'x');
    const found = await call(() => {
      const waiting = poll();
      for (const fd of [emptyRead, idleWrite, fullRead]) waiting.register(fd);
      return waiting.poll();
    });
    expect(found).toEqual([
      [idleWrite, POLLOUT],
      [fullRead, POLLIN],
    ]);
    close(fullRead);
    expect(await call(() => pollOne(brokenWrite, 0))).toBe(POLLERR);
  });

  it('tells of a hang-up, which wakes it whatever it waits for', async () => {
    const [read, write] = newPipe();
    const waiting = together(2, (i) => pollOne(read, i === 0 ? POLLIN : 0));
    await turn(3);
    close(write);
    expect(await waiting).toEqual([POLLHUP, POLLHUP]);
  });

  it('reports POLLNVAL for what is closed', async () => {
    const [read] = newPipe();
    close(read);
    const { ours } = await connection();
    ours.destroy();
    const never = new net.Socket();
    const results = await call(() => [read, ours, never].map((target) => pollOne(target, POLLIN)));
    expect(results).toEqual([POLLNVAL, POLLNVAL, POLLNVAL]);
  });

  it('wakes with POLLNVAL when Node closes the socket, which it does not hold open', async () => {
    const { ours, theirs } = await connection();
    const waiting = together(12, () => pollOne(ours, POLLIN));
    await turn(3);
    const ended = once(theirs.resume(), 'end');
    ours.destroy();
    expect(await waiting).toEqual(Array(12).fill(POLLNVAL));
    await ended;
    expect(ours.listenerCount('close')).toBe(0);
  });

  it('takes regular files for ready, as POSIX does', async () => {
    const fd = openSync(join(dir, 'regular'), 'w+');
    open.add(fd);
    expect(await call(() => pollOne(fd, POLLIN | POLLOUT))).toBe(POLLIN | POLLOUT);
    expect(await call(() => pollOne(fd, 0, 1))).toBe(undefined);
  });

  it('returns empty-handed when the time is over, and at once when there is none', async () => {
    const [read, write] = newPipe();
    expect(await call(() => pollOne(read, POLLIN, 1))).toBe(undefined);
    expect(pollOne(read, POLLIN, 0)).toBe(undefined);
    expect(pollOne(write, POLLOUT, 0)).toBe(POLLOUT);
    expect(await call(() => poll().poll(1))).toEqual([]);
  });

  it('any number of tasks may wait for one descriptor', async () => {
    const [read, write] = newPipe();
    const waiting = together(20, () => pollOne(read, POLLIN));
    await turn(3);
    writeSync(write, 'x');
    expect(await waiting).toEqual(Array(20).fill(POLLIN));
  });

  it('goes on waiting if another has read what woke it', async () => {
    const [read, write] = newPipe();
    let taken = 0;
    const waiting = together(2, () => {
      pollOne(read, POLLIN);
      // Nothing else runs between the two.
      readSync(read, Buffer.alloc(1));
      taken++;
    });
    await turn(3);
    writeSync(write, 'x');
    while (taken === 0) await turn();
    await turn(3);
    expect(taken).toBe(1);
    writeSync(write, 'y');
    await waiting;
    expect(taken).toBe(2);
  });

  it('does not wake for a half-closed connection that only is to be written to', async () => {
    const { ours, theirs } = await connection();
    ours.pause();
    theirs.end();
    await turn(5);
    const [readable, shutDown] = await together(2, (i) => pollOne(ours, i === 0 ? POLLIN : POLLRDHUP));
    expect(readable).toBe(POLLIN);
    if (process.platform === 'linux') expect(shutDown).toBe(POLLRDHUP);
    const chunk = Buffer.alloc(1 << 20);
    while (ours.write(chunk));
    while (pollOne(ours, POLLOUT, 0) !== undefined) {
      ours.write(chunk);
      await turn();
    }
    expect(await call(() => pollOne(ours, POLLOUT, 20))).toBe(undefined);
    theirs.resume();
    expect(await call(() => pollOne(ours, POLLOUT))).toBe(POLLOUT);
  });

  it('counts what a stream of Node has buffered as readable', async () => {
    const { ours, theirs } = await connection();
    ours.once('readable', () => {});
    theirs.write('hello');
    while (ours.readableLength === 0) await turn();
    const fd = (ours as unknown as { _handle: { fd: number } })._handle.fd;
    expect(pollOne(fd, POLLIN, 0)).toBe(undefined);
    expect(await call(() => pollOne(ours, POLLIN))).toBe(POLLIN);
  });

  it("works beside libuv's own watcher of the socket", async () => {
    const { ours, theirs } = await connection();
    const chunks: string[] = [];
    ours.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    const waiting = call(() => pollOne(ours, POLLOUT));
    theirs.write('hello');
    expect(await waiting).toBe(POLLOUT);
    while (chunks.length === 0) await turn();
    expect(chunks).toEqual(['hello']);
  });

  it("takes servers, datagram sockets, and children's pipes", async () => {
    const server = net.createServer().listen(join(dir, 'socket'));
    const udp = dgram.createSocket('udp4').bind(0);
    await Promise.all([once(server, 'listening'), once(udp, 'listening')]);
    expect(pollOne(server, POLLIN, 0)).toBe(undefined);
    expect(pollOne(udp, POLLIN | POLLOUT, 0)).toBe(POLLOUT);
    const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
    const waiting = call(() => pollOne(child.stdout, POLLIN));
    child.stdin.write('hello');
    expect(((await waiting) ?? 0) & POLLIN).toBe(POLLIN);
    child.stdin.end();
    child.stdout.resume();
    udp.close();
    await new Promise((closed) => server.close(closed));
    expect(pollOne(udp, POLLIN, 0)).toBe(POLLNVAL);
    expect(pollOne(server, POLLIN, 0)).toBe(POLLNVAL);
  });

  it('modifies and unregisters what is registered, and nothing else', async () => {
    const [read, write] = newPipe();
    const waiting = poll();
    waiting.register(write, POLLIN);
    waiting.register(write);
    expect(waiting.poll(0)).toEqual([[write, POLLOUT]]);
    waiting.modify(write, POLLIN);
    expect(waiting.poll(0)).toEqual([]);
    waiting.unregister(write);
    for (const misuse of [() => waiting.modify(read, POLLIN), () => waiting.unregister(write)]) {
      expect(thrownBy(misuse)).toMatchObject({ code: 'AEVENT_NOT_REGISTERED' });
    }
  });

  it('refuses what makes no sense', async () => {
    const [read] = newPipe();
    const waiting = poll();
    for (const target of [-1, 1.5, '0', null, undefined, {}, new PassThrough()]) {
      expect(thrownBy(() => waiting.register(target as never))).toMatchObject({
        code: 'AEVENT_NO_DESCRIPTOR',
      });
    }
    for (const events of [-1, 1.5, 0x8000, '1']) {
      expect(thrownBy(() => waiting.register(read, events as never))).toMatchObject({
        code: 'AEVENT_INVALID_EVENTS',
      });
    }
    expect(thrownBy(() => waiting.poll('1' as never))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
    waiting.register(read, POLLIN);
    expect(thrownBy(() => waiting.poll())).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
  });

  it.skipIf(process.platform !== 'linux')(
    'a cancelled one leaves no descriptor and no listener',
    async () => {
      const [read] = newPipe();
      const { ours } = await connection();
      const { fd } = (ours as unknown as { _handle: { fd: number } })._handle;
      const mine = [read, fd].map((own) => readlinkSync(`/proc/self/fd/${own}`));
      const isMine = (name: string): boolean => {
        try {
          return mine.includes(readlinkSync(`/proc/self/fd/${name}`));
        } catch {
          return false; // that of the directory itself
        }
      };
      const count = (): number => readdirSync('/proc/self/fd').filter(isMine).length;
      const before = count();
      const ended: unknown[] = [];
      const tasks = createTaskGroup();
      for (const target of [read, ours, read]) {
        tasks.spawn(() => ended.push(thrownBy(() => pollOne(target, POLLIN, 60_000))));
      }
      while (count() < before + 3) await turn();
      tasks.cancelScope.cancel();
      await tasks[Symbol.asyncDispose]();
      expect(ended).toEqual(Array(3).fill(expect.objectContaining({ code: 'AEVENT_CANCELLED' })));
      expect(count()).toBe(before);
      expect(ours.listenerCount('close')).toBe(0);
    },
  );
});

describe('select', () => {
  it('sorts what is ready into its three lists', async () => {
    const [emptyRead, write] = newPipe();
    const [fullRead, full] = newPipe();
    writeSync(full, 'x');
    expect(await call(() => select([emptyRead, fullRead], [write], [write, full]))).toEqual([
      [fullRead],
      [write],
      [],
    ]);
    expect(select([emptyRead], [], [], 0)).toEqual([[], [], []]);
    expect(await call(() => select([emptyRead], [], [], 1))).toEqual([[], [], []]);
  });

  it('waits, and gives back the objects that it was given', async () => {
    const { ours, theirs } = await connection();
    const waiting = call(() => select(new Set([ours]), [], []));
    await turn(3);
    theirs.write('x');
    const [readable] = await waiting;
    expect(readable).toEqual([ours]);
  });

  it('throws EBADF for what is closed, and refuses a negative time', async () => {
    const [read, write] = newPipe();
    close(read);
    expect(thrownBy(() => select([write, read], [], [], 0))).toMatchObject({
      code: 'EBADF',
      syscall: 'select',
    });
    expect(thrownBy(() => select([], [], [], -1))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
  });
});
