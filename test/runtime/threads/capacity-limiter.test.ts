// As anyio's: tokens, borrowers, and who waits.
import { expect, it } from 'vitest';
import { CapacityLimiter, run } from '../../../dist/runtime/index.js';
import { pause, thrownBy, together } from '../../support/tools.js';

it.skipIf(process.env.AEVENT_BACKEND === 'native')(
  'tokens are handed on to those that wait, first come, first served',
  async () => {
    const limiter = new CapacityLimiter(2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    await together(6, (index) => {
      using _ = limiter.hold();
      order.push(index);
      most = Math.max(most, ++inside);
      pause(2);
      inside--;
    });
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
    expect(limiter.statistics()).toEqual({
      borrowedTokens: 0,
      totalTokens: 2,
      borrowers: [],
      tasksWaiting: 0,
    });
  },
);

it.skipIf(process.env.AEVENT_BACKEND === 'native')('more tokens wake those that wait', async () => {
  const limiter = new CapacityLimiter(1);
  const order: string[] = [];
  await together(3, (index) => {
    if (index === 2) {
      pause(2);
      order.push(`waiting ${limiter.statistics().tasksWaiting}`);
      limiter.totalTokens = 2;
      return;
    }
    limiter.acquire();
    order.push(`has ${index}`);
    pause(index === 0 ? 8 : 0);
    limiter.release();
  });
  expect(order).toEqual(['has 0', 'waiting 1', 'has 1']);
});

it('misuse is an error', async () => {
  const limiter = new CapacityLimiter(1);
  await run(() => {
    limiter.acquire();
    expect(thrownBy(() => limiter.acquire())).toMatchObject({ code: 'AEVENT_BORROWED_TWICE' });
    expect(thrownBy(() => limiter.acquireOnBehalfOfNowait('other'))).toMatchObject({
      code: 'AEVENT_WOULD_BLOCK',
    });
    expect(limiter.availableTokens).toBe(0);
    limiter.release();
    expect(thrownBy(() => limiter.release())).toMatchObject({ code: 'AEVENT_NOT_BORROWED' });
    limiter.acquireOnBehalfOf('other');
    limiter.releaseOnBehalfOf('other');
  });
  for (const wrong of [0, -1, 1.5, Number.NaN, 'x']) {
    expect(thrownBy(() => new CapacityLimiter(wrong as number))).toMatchObject({
      code: 'AEVENT_INVALID_COUNT',
    });
  }
});
