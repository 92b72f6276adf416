import { expect, it } from 'vitest';
import { BUCKETS, bucketOf, middleOfBucketNs } from '../../../dist/runtime/base/log-histogram.js';
import { metrics, run, taskGroup } from '../../../dist/runtime/index.js';
import { suspend, yieldToLoop } from '../../../dist/runtime/modules/lowlevel.js';
import { Lock } from '../../../dist/runtime/modules/threading/index.js';

it('counts tasks, waits by kind, switches and stacks', async () => {
  await run(() => yieldToLoop());
  const before = metrics();
  const [started, ended, switches] = [before.tasks.started, before.waits.ended, before.switches];
  const locks = before.waits.byKind.Lock?.count ?? 0;
  const lock = new Lock();
  await run(() => {
    lock.acquire();
    taskGroup((group) => {
      for (let i = 0; i < 300; i++)
        group.spawn(() => {
          lock.acquire();
          lock.release();
        });
      yieldToLoop();
      const { waits, tasks, stacks } = metrics();
      expect(waits.parked).toBeGreaterThanOrEqual(300);
      expect(tasks.live).toBe(301);
      expect(stacks.inUse).toBeGreaterThanOrEqual(300);
      expect(stacks.made).toBeGreaterThanOrEqual(stacks.inUse);
      suspend<void>('late', (wait) => {
        const timer = setTimeout(() => wait.resolve(), 30);
        return () => clearTimeout(timer);
      });
      lock.release();
    });
  });
  const after = metrics();
  expect(after.tasks.started - started).toBe(301);
  expect(after.tasks.live).toBe(0);
  expect(after.waits.ended - ended).toBeGreaterThanOrEqual(300);
  expect(after.switches).toBeGreaterThan(switches);
  const { Lock: waited, late } = after.waits.byKind;
  // The same object as before, filled up to now.
  expect((waited?.count ?? 0) - locks).toBe(300);
  expect(late?.count).toBe(1);
  // Of 30 ms, counted from when its turn of the loop began.
  expect(late?.min).toBeGreaterThan(3e6);
  expect(metrics().waits.byKind.Lock).toBe(waited);
});

it('measures how long the loop is kept, each turn', async () => {
  await run(() => yieldToLoop());
  const before = metrics().loopGaps.count;
  const keep = (): void => {
    const end = performance.now() + 60;
    while (performance.now() < end);
  };
  await new Promise<void>((resolve) => setTimeout(() => resolve(keep()), 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await new Promise((resolve) => setImmediate(resolve));
  const { loopGaps } = metrics();
  expect(loopGaps.count).toBeGreaterThan(before);
  expect(loopGaps.max).toBeGreaterThan(50e6);
  // A loop that waits is not kept.
  expect(loopGaps.percentile(50)).toBeLessThan(50e6);
});

it('is plain data as JSON', async () => {
  await run(() => yieldToLoop());
  const { waits, loopGaps } = JSON.parse(JSON.stringify(metrics()));
  expect(waits.byKind.yield).toMatchObject({ count: expect.any(Number), p99: expect.any(Number) });
  expect(loopGaps.count).toBeGreaterThan(0);
});

it('counts waits of names without end together', async () => {
  await run(() => {
    for (let i = 0; i < 300; i++) suspend<void>(`wait${i}`, (wait) => void setImmediate(wait.resolve));
  });
  const { byKind } = metrics().waits;
  expect(Object.keys(byKind).length).toBeLessThanOrEqual(101);
  expect(byKind.other?.count).toBeGreaterThan(100);
});

it('has buckets that are an eighth of a power of two wide, and hold what is put into them', () => {
  let last = -1;
  for (let us = 0; us < 2 ** 33; us = Math.ceil(us * 1.01 + 0.5)) {
    const bucket = bucketOf(us);
    expect(bucket).toBeGreaterThanOrEqual(last);
    expect(bucket).toBeLessThan(BUCKETS);
    if (us > 0 && us < 2 ** 31)
      expect(Math.abs(middleOfBucketNs(bucket) / 1000 / us - 1)).toBeLessThanOrEqual(us < 8 ? 0.5 : 0.07);
    last = bucket;
  }
});
