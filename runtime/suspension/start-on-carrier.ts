// How work gets onto a carrier.
import { globals } from '../base/builtins.js';
import { AeventError } from '../base/errors.js';
import { resolved, whenSettled } from '../base/primordials.js';
import { scheduler } from '../base/scheduler.js';
import { Shared } from '../native/binding.js';
import { currentContext, runInContext } from './context.js';
import { carrierRefusal, core, isOnCarrier } from './native-core.js';
import { enterInPlace } from './suspension.js';

/** Runs `fn` as a microtask on a carrier, in the context that is current now. */
export function startOnCarrier(fn: () => void): void {
  const chosen = scheduler();
  if (chosen === undefined) {
    startSoon(fn);
  } else {
    const context = currentContext();
    chosen.ready(() => runInContext(context, () => startSoon(fn)));
  }
}

function startSoon(fn: () => void): void {
  if (core.binding === undefined) {
    whenSettled(resolved(), fn);
  } else if (!core.pumping) {
    // No pump: a carrier of its own, entered from the microtask on the main stack.
    whenSettled(resolved(), () => void enterInPlace(fn));
  } else if (!isOnCarrier() && core.binding.runningMicrotasks()) {
    // The microtasks that are being run now began before the pump was there, on the main stack, where nothing can
    // suspend. A tick comes after them all.
    const context = currentContext();
    globals.nextTick(() => runInContext(context, () => void whenSettled(resolved(), fn)));
  } else {
    whenSettled(resolved(), fn);
  }
}

/** A promise whose continuation runs on a carrier. */
export function continueOnCarrier(): Promise<void> {
  if (core.binding !== undefined && !core.pumping) {
    return Promise.reject(
      new AeventError(
        'AEVENT_NO_PUMP',
        'perTask() needs microtasks to run on carriers, which is off here (see aevent.info().features.pump). ' +
          'Start the work with aevent.call() instead.',
      ),
    );
  }
  return new Promise((resolve, reject) => {
    startOnCarrier(() => {
      try {
        requireCarrier();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Throws where the running code was to be on a carrier, but the system gave none. */
export function requireCarrier(): void {
  const refusal = carrierRefusal();
  if (refusal === '') return;
  throw new AeventError(
    'AEVENT_NO_CARRIER',
    `A task could not be started: ${refusal}. ${core.shared[Shared.carriers]} stacks are in use, and serve again when ` +
      "their tasks end. Run fewer tasks at once, or raise ulimit -v, vm.max_map_count or the cgroup's memory (for the thread " +
      "backend also ulimit -u and the cgroup's pids.max).",
  );
}
