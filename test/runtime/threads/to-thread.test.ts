// Functions that run in a pool of threads, while the task that calls them is suspended.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import {
  await_,
  CapacityLimiter,
  defaultThreadLimiter,
  hasPortal,
  moveOnAfter,
  run,
  toThread,
} from '../../../dist/runtime/index.js';
import { thrownBy, together } from '../../support/tools.js';

const file = fileURLToPath(new URL('../fixtures/thread-work.cjs', import.meta.url));
const work = <F extends (...args: never[]) => unknown>(name: string, options = {}) =>
  toThread<F>(file, name, options);
const isNative = process.env.AEVENT_BACKEND === 'native';

it.skipIf(isNative)('an export of a module runs in a thread while the event loop turns', async () => {
  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  const shared = new SharedArrayBuffer(4);
  const limiter = new CapacityLimiter(4);
  const results = await together(3, () =>
    work<(shared: SharedArrayBuffer, count: number) => number>('meet', { limiter })(shared, 3),
  );
  clearInterval(turning);
  expect(results).toEqual([3, 3, 3]);
  expect(turns).toBeGreaterThan(0);
});

it('outside of tasks the call blocks', () => {
  expect(hasPortal()).toBe(false);
  expect(work<(n: number) => number>('square')(7)).toBe(49);
  expect(work<(n: string) => Promise<string>>('later')('x')).toBe('x');
});

it('arguments and results are copied with what they are', async () => {
  const shared = {};
  const values = [
    1,
    2n,
    undefined,
    null,
    new Date(5),
    /x/g,
    new Map([[1, new Set([2])]]),
    Buffer.from('hi'),
    [shared, shared],
  ];
  const [result] = await together(1, () => work<(...args: unknown[]) => unknown[]>('echo')(...values));
  expect(result).toEqual(values);
  expect(Buffer.isBuffer(result?.[7])).toBe(true);
  const [first, second] = (result as unknown[])[8] as object[];
  expect(first).toBe(second);
});

it('what is transferred is gone here', async () => {
  const buffer = new ArrayBuffer(8);
  const transfer = (given: ArrayBuffer): ArrayBuffer[] => [given];
  await run(() => work<(given: ArrayBuffer) => unknown>('echo', { transfer })(buffer));
  expect(buffer.byteLength).toBe(0);
});

it('an error has its class, code, properties, cause, and the stacks of both threads', async () => {
  const error = (await run(() => thrownBy(() => callFail()))) as RangeError & { code: string; limit: number };
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ message: 'too much', code: 'E_MUCH', limit: 3 });
  expect(error.cause).toBeInstanceOf(TypeError);
  expect(error.stack).toMatch(/thread-work\.cjs[\s\S]*callFail/);
  const own = thrownBy(work('failByOwnClass')) as Error;
  expect(own).toBeInstanceOf(TypeError);
  expect(own.constructor.name).toBe('PriceError');
});

function callFail(): unknown {
  return work('fail')();
}

it('what cannot be cloned is refused on both ways', async () => {
  await run(() => {
    const given = thrownBy(() => work<(fn: () => void) => void>('echo')(() => {}));
    expect(given).toMatchObject({ name: 'TypeError', code: 'AEVENT_NOT_CLONEABLE' });
    expect(thrownBy(work('giveFunction'))).toMatchObject({ code: 'AEVENT_NOT_CLONEABLE' });
    expect(work<(n: number) => number>('square')(3)).toBe(9);
  });
});

it('a function that uses nothing of its surroundings is sent as its source', async () => {
  const outer = 1;
  await run(() => {
    expect(toThread((a: number, b: number) => Math.max(a, b))(3, 4)).toBe(4);
    const shadowed = toThread((a: number) => {
      const outer = a + 1;
      return ((b: number) => outer * b)(2);
    });
    expect(shadowed(1)).toBe(4);
    const { method } = {
      method(a: number): number {
        return a;
      },
    };
    expect(toThread(method)(5)).toBe(5);
    const error = thrownBy(() => toThread((a: number) => a + outer));
    expect(error).toMatchObject({ name: 'TypeError', code: 'AEVENT_FREE_VARIABLES' });
    expect((error as Error).message).toContain('outer');
    expect(thrownBy(() => toThread(Math.max))).toMatchObject({ code: 'AEVENT_NO_SOURCE' });
  });
});

it('what does not exist is an error that says so', () => {
  expect(thrownBy(() => toThread('no-such-module'))).toMatchObject({ code: 'AEVENT_NO_MODULE' });
  expect(thrownBy(work('nothing'))).toMatchObject({ code: 'AEVENT_NO_EXPORT' });
  expect(thrownBy(() => toThread(file, 'echo', { limit: 3 } as object))).toMatchObject({
    code: 'AEVENT_UNKNOWN_OPTION',
  });
  expect(thrownBy(() => toThread(file, 'echo', { limiter: 3 } as object))).toMatchObject({
    code: 'AEVENT_INVALID_OPTIONS',
  });
  expect(thrownBy(() => toThread(3 as never))).toMatchObject({ code: 'AEVENT_INVALID_ARGUMENT' });
});

it.skipIf(isNative)('a cancelled call ends its thread, or is abandoned', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aevent-'));
  const workFor = 'workFor';
  await run(() => {
    const ended = join(folder, 'ended');
    const abandoned = join(folder, 'abandoned');
    const limiter = new CapacityLimiter(1);
    moveOnAfter(50, () => work<(ms: number, path: string) => void>(workFor, { limiter })(1000, ended));
    expect(limiter.borrowedTokens).toBe(0);
    moveOnAfter(50, () =>
      work<(ms: number, path: string) => void>(workFor, { limiter, abandonOnCancel: true })(300, abandoned),
    );
    expect(limiter.borrowedTokens).toBe(1);
    // The limiter's only token is given back when the abandoned call has ended.
    limiter.acquire();
    expect(existsSync(abandoned)).toBe(true);
    await_(sleep(900));
    expect(existsSync(ended)).toBe(false);
  });
});

it('a thread that exits is an error for its callers, and the next call has another one', async () => {
  const check = (): void => {
    expect(thrownBy(() => work<(code: number) => void>('exit')(3))).toMatchObject({
      code: 'AEVENT_THREAD_ENDED',
    });
    expect(work<(n: number) => number>('square')(4)).toBe(16);
  };
  check();
  await run(check);
  expect(defaultThreadLimiter().borrowedTokens).toBe(0);
});
