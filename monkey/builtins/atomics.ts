// `Atomics.wait()` that suspends its task.
import { startTimer } from '../../runtime/base/clock.js';
import { whenSettled } from '../../runtime/base/primordials.js';
import { currentScope } from '../../runtime/cancellation/cancel-scope.js';
import { suspendBlocking } from '../../runtime/io/stream-descriptors.js';
import { suspending } from '../kit/define-module.js';

type Wait = typeof Atomics.wait;
type Waited = ReturnType<Wait>;
type WaitAsync = (
  ...args: Parameters<Wait>
) => { async: false; value: Waited } | { async: true; value: Promise<Waited> };

type Notify = (array: Parameters<Wait>[0], index: number, count: number) => number;

/**
 * `Atomics.wait`: suspends until notified or timed out, with the checks and results of the real one. Always a
 * checkpoint, unless it need not wait. Needs `Atomics.waitAsync`, which every supported Node has.
 * @throws {@link Cancelled} if an enclosing scope is cancelled
 * @see https://tc39.es/ecma262/#sec-atomics.wait
 */
export const wait: Wait = waitOf(Atomics);

/** Makes the same for another realm's `Atomics`, whose errors are that realm's. */
export function waitOf(atomics: typeof Atomics): Wait {
  const { waitAsync, notify } = atomics as unknown as { waitAsync: WaitAsync; notify: Notify };
  const suspended = (...args: Parameters<Wait>): Waited => waitSuspended(waitAsync, notify, args);
  return suspending('atomics', atomics.wait, suspended as Wait);
}

function waitSuspended(waitAsync: WaitAsync, notify: Notify, args: Parameters<Wait>): Waited {
  // A waiter in a cancelled scope would take a notification that another waiter waits for.
  currentScope()?.throwIfCancelled();
  const waiter = Reflect.apply(waitAsync, undefined, args);
  if (!waiter.async) return waiter.value;
  const array = args[0];
  const index = args[1];
  const ms: unknown = args[3];
  // Says whether it ends by itself; see runtime/suspension/pieces.ts.
  const what =
    typeof ms === 'number' && ms < Number.POSITIVE_INFINITY ? `Atomics.wait for ${ms} ms` : 'Atomics.wait';
  return suspendBlocking<Waited>(what, (wait) => {
    // V8's waiter does not keep the event loop alive.
    const stopHolding = startTimer(Number.POSITIVE_INFINITY, () => {});
    let cancelled = false;
    whenSettled(waiter.value, (result) => {
      stopHolding();
      // A waiter can't be taken back: a notification that comes after the wait has ended belongs to another waiter.
      if (cancelled && result === 'ok') notify(array, index, 1);
      else wait.resolve(result);
    });
    return () => {
      cancelled = true;
      stopHolding();
    };
  });
}
