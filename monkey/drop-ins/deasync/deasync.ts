// deasync, by suspending the caller's stack. Where that cannot be done, on the main stack, the event loop is turned on top of
// it, which is what deasync itself does everywhere.
import { globals } from '../../../runtime/base/builtins.js';
import { turnOnce, waitAnywhere, waitWhile } from '../../../runtime/drop-ins/wait-on-any-stack.js';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The `deasync` module. */
export interface Deasync {
  /** Makes a synchronous function of one that takes a callback last. Its calls are checkpoints. */
  (fn: AnyFunction): (this: unknown, ...args: unknown[]) => unknown;
  /**
   * Waits at least `delayMs`. A checkpoint.
   * @param delayMs - milliseconds, as for `setTimeout()`
   */
  sleep(delayMs: number): void;
  /** Lets the event loop turn once. A checkpoint. */
  runLoopOnce(): void;
  /** Waits as long as `isWaiting()` is true. A checkpoint, unless it is false at once. */
  loopWhile(isWaiting: () => unknown): void;
}

function synchronous(fn: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    let outcome: { error: unknown; value: unknown } | undefined;
    let wake = (): void => {};
    // An error that `fn` itself throws goes to its caller, as ever; work that it starts has its caller's async context.
    Reflect.apply(fn, this, [
      ...args,
      (error: unknown, value: unknown): void => {
        outcome = { error, value };
        wake();
      },
    ]);
    if (outcome === undefined) {
      waitAnywhere<void>('deasync', (wait) => {
        wake = () => wait.resolve();
        return undefined;
      });
    }
    const { error, value } = outcome as unknown as { error: unknown; value: unknown };
    if (error) throw error;
    return value;
  };
}

/** The drop-in for `require('deasync')`. */
export const deasync: Deasync = Object.assign(
  function deasync(fn: AnyFunction) {
    return synchronous(fn);
  },
  {
    sleep: synchronous((delayMs, done) => globals.setTimeout(done as () => void, delayMs as number)),
    runLoopOnce: () => turnOnce('deasync.runLoopOnce'),
    loopWhile: (isWaiting: () => unknown) => waitWhile('deasync.loopWhile', isWaiting),
  },
) as Deasync;
