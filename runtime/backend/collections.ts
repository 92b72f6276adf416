// Whether minor collections skip stacks that are put aside for long. How, and why that is safe: native/collections/parked-stacks.h
// and runtime/DESIGN.md. What the collector does must be what it does by default: moves each young object that a stack
// refers to, and writes to the stack where it is now.
// Guarded by test/runtime/native/collections.test.ts.
import { flags } from '../base/node-features.js';
import { exec, some } from '../base/primordials.js';
import { CollectMode, CollectState, type NativeBinding } from '../native/binding.js';

/** Options of V8 for another collector, or for stacks that are looked through for anything that may be a reference. */
const OTHER_COLLECTORS = /^--(?!no[-_])(minor[-_]m[cs]|.*(conservative|pinning|sticky[-_]mark))/;

let failure = 'not started yet';

/**
 * Has minor collections skip them from now on, unless something speaks against it.
 * @param notFound - why V8's list of stacks was not found; empty if it was
 */
export function skipParkedStacks(binding: NativeBinding, notFound: string): void {
  failure = notFound;
  if (failure === '' && some(flags, (flag) => exec(OTHER_COLLECTORS, flag) !== null)) {
    failure = "an option chooses another collector than V8's default";
  }
  if (failure === '') binding.collectParked(CollectMode.skip);
}

/** The value of `aevent.info().features.collections`: `on`, or why parked stacks are visited by each minor collection. */
export function collectionsState(binding: NativeBinding): string {
  if (failure !== '') return `off: ${failure}`;
  const displaced = binding.collectParked()[CollectState.displaced] as number;
  if (displaced === 0) return 'on';
  return `on, but for ${displaced} collections, since another listener could have started one in between`;
}
