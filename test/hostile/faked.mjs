// What a test's clock (@sinonjs/fake-timers) replaces, replaced by functions that do nothing: its time stands still.
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

const real = process.getBuiltinModule('node:process');
const nothing = () => ({ ref() {}, unref() {} });
const never = () => 0;

const FAKES = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'].flatMap(
    (name) => [
      [globalThis, name, nothing],
      [timers, name, nothing],
      [process.getBuiltinModule('node:timers'), name, nothing],
    ],
  ),
  [globalThis, 'queueMicrotask', nothing],
  [globalThis, 'Date', class FakeDate {}],
  [Date, 'now', never],
  [real, 'nextTick', nothing],
  [real, 'hrtime', Object.assign(() => [0, 0], { bigint: () => 0n })],
  [performance, 'now', never],
];

/** Lets time stand still; gives what lets it go on. */
export function faked() {
  const before = FAKES.map(([owner, name, fake]) => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value: fake, writable: true, configurable: true });
    return [owner, name, descriptor];
  });
  return () => {
    for (const [owner, name, descriptor] of before) {
      if (descriptor === undefined) delete owner[name];
      else Object.defineProperty(owner, name, descriptor);
    }
  };
}
