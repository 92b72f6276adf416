import { describe, expect, it } from 'vitest';
import workerThreads from '../../../../dist/monkey/facades/worker_threads.js';
import { call, createTaskGroup, hasPortal } from '../../../../dist/runtime/index.js';
import { pause, thrownBy, together, turn } from '../../../support/tools.js';
import { facts } from '../../fixture.js';

const { MessageChannel, receiveMessageSync, Worker } = workerThreads;
const echo = (body: string): InstanceType<typeof Worker> =>
  new Worker(`const { parentPort, workerData } = require('worker_threads'); ${body}`, { eval: true });

describe('receiveMessageSync() of a port', () => {
  it('waits for the next message; keeps what comes in between, undefined too', () =>
    call(() => {
      const { port1, port2 } = new MessageChannel();
      setImmediate(() => {
        for (const value of ['a', undefined, { b: [1n] }]) port1.postMessage(value);
      });
      expect(receiveMessageSync(port2)).toEqual({ message: 'a' });
      pause(3);
      expect(receiveMessageSync(port2)).toEqual({ message: undefined });
      expect(receiveMessageSync(port2, 0)).toEqual({ message: { b: [1n] } });
      expect(receiveMessageSync(port2, 0)).toBe(undefined);
      port1.close();
    }));

  it('serves who waits in turn, and loses nothing in many tasks', async () => {
    const { port1, port2 } = new MessageChannel();
    const got: unknown[] = [];
    const all = together(20, (i) => {
      for (let n = 0; n < 5; n++) got.push([i, receiveMessageSync(port2)?.message]);
    });
    for (let n = 0; n < 100; n++) {
      if (n % 7 === 0) await turn();
      port1.postMessage(n);
    }
    await all;
    expect(got.map((pair) => (pair as unknown[])[1])).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(got.slice(0, 20).map((pair) => (pair as unknown[])[0])).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    port1.close();
  });

  it('gives undefined when the time is up, and the message that comes later to the next call', () =>
    call(() => {
      const { port1, port2 } = new MessageChannel();
      expect(receiveMessageSync(port2, 1)).toBe(undefined);
      port1.postMessage('late');
      expect(receiveMessageSync(port2, 60_000)).toEqual({ message: 'late' });
      port1.close();
    }));

  it('throws ERR_CLOSED_MESSAGE_PORT when the port is closed, in the wait and before; what had come is there', () =>
    call(() => {
      const { port1, port2 } = new MessageChannel();
      port1.postMessage('last');
      pause();
      setImmediate(() => port1.close());
      expect(receiveMessageSync(port2)).toEqual({ message: 'last' });
      expect(thrownBy(() => receiveMessageSync(port2))).toMatchObject({ code: 'ERR_CLOSED_MESSAGE_PORT' });
      expect(thrownBy(() => receiveMessageSync(port2))).toMatchObject({ code: 'ERR_CLOSED_MESSAGE_PORT' });
      const other = new MessageChannel();
      other.port1.postMessage('sent before the end');
      other.port1.close();
      pause(3);
      expect(receiveMessageSync(other.port2)).toEqual({ message: 'sent before the end' });
      expect(thrownBy(() => receiveMessageSync(other.port2))).toMatchObject({
        code: 'ERR_CLOSED_MESSAGE_PORT',
      });
    }));

  it('leaves messages to listeners, who get those that are waited for, too', () =>
    call(() => {
      const { port1, port2 } = new MessageChannel();
      const seen: unknown[] = [];
      port2.on('message', (message) => seen.push(message));
      setImmediate(() => port1.postMessage(1));
      expect(receiveMessageSync(port2)).toEqual({ message: 1 });
      port1.postMessage(2);
      pause(3);
      expect(seen).toEqual([1, 2]);
      expect(receiveMessageSync(port2, 0)).toBe(undefined);
      port1.close();
    }));

  it('leaves ref() and unref() as they were', () =>
    call(() => {
      const { port1, port2 } = new MessageChannel() as unknown as Record<'port1' | 'port2', never>;
      const { hasRef, ref, unref } = port2 as { hasRef(): boolean; ref(): void; unref(): void };
      for (const [set, has] of [[ref, true] as const, [unref, false] as const]) {
        set.call(port2);
        receiveMessageSync(port2, 1);
        expect(hasRef.call(port2)).toBe(has);
      }
      (port1 as { close(): void }).close();
    }));

  it('can be cancelled and then has lost no message', () =>
    call(() => {
      const { port1, port2 } = new MessageChannel();
      const tasks = createTaskGroup();
      const got: unknown[] = [];
      const first = tasks.spawn(() => got.push(receiveMessageSync(port2)));
      tasks.spawn(() => got.push(receiveMessageSync(port2)));
      pause(2);
      port1.postMessage('for the second');
      first.cancel();
      tasks[Symbol.dispose]();
      expect(got).toEqual([{ message: 'for the second' }]);
      port1.close();
    }));

  it('works without a task where it need not wait', () => {
    const { port1, port2 } = new MessageChannel();
    expect(hasPortal()).toBe(false);
    expect(thrownBy(() => receiveMessageSync(port2))).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    port1.postMessage('here');
    expect(receiveMessageSync(port2)).toEqual({ message: 'here' });
    expect(receiveMessageSync(port2, 0)).toBe(undefined);
    port1.close();
  });

  it('refuses what is no port, and no time', () => {
    for (const port of [undefined, null, {}, 'port'] as never[])
      expect(thrownBy(() => receiveMessageSync(port))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    const { port1 } = new MessageChannel();
    for (const ms of [-1, Number.NaN, '5'] as never[])
      expect(thrownBy(() => receiveMessageSync(port1, ms))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
    port1.close();
  });
});

describe('receiveMessageSync() of a Worker', () => {
  it('gets what the thread sends, from the start on; then ERR_WORKER_NOT_RUNNING', () =>
    call(() => {
      const worker = echo(
        "parentPort.once('message', (m) => { parentPort.postMessage(m * 2); parentPort.postMessage('end') })",
      );
      worker.postMessage(21);
      while (worker.threadId !== -1) pause();
      expect(receiveMessageSync(worker)).toEqual({ message: 42 });
      expect(receiveMessageSync(worker)).toEqual({ message: 'end' });
      expect(thrownBy(() => receiveMessageSync(worker))).toMatchObject({ code: 'ERR_WORKER_NOT_RUNNING' });
    }));

  it('throws what ends the thread, and when it ends in the wait', () =>
    call(() => {
      const failing = echo("throw new RangeError('in the thread')");
      expect(thrownBy(() => receiveMessageSync(failing))).toMatchObject({
        name: 'RangeError',
        message: 'in the thread',
      });
      const ending = echo('');
      ending.unref();
      expect(thrownBy(() => receiveMessageSync(ending))).toMatchObject({ code: 'ERR_WORKER_NOT_RUNNING' });
    }));
});

it.each(await facts(['--import', 'aevent/register', 'worker-threads.mjs']))('%s', (_, holds) => {
  expect(holds).toBe(true);
});
