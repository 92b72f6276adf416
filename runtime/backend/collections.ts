// Whether minor collections skip stacks that are put aside for long. How, and why that is safe: native/collections/parked-stacks.h
// and runtime/DESIGN.md. What the collector does must be what it does by default: moves each young object that a stack
// refers to, and writes to the stack where it is now.
// Guarded by test/runtime/native/collections.test.ts.
import { flags } from '../base/node-features.js';
import { exec, some } from '../base/primordials.js';
import { CollectMode, CollectState, type NativeBinding } from '../native/binding.js';

/** Options of V8 by which young objects may stay where they are, or by which stacks are looked through for anything that may be one. */
const OTHER_COLLECTORS = /^--(?!no)(minor[-_]m[cs]|(stress[-_])?(conservative|direct|.*pinning|.*pinned).*|single[-_]generation|sticky[-_]mark[-_]bits)/;

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

/** What `aevent.info().features.collections` says: `on`, or why parked stacks are visited by each minor collection. */
export function collectionsState(binding: NativeBinding): string {
  if (failure !== '') return `off: ${failure}`;
  const displaced = binding.collectParked()[CollectState.displaced] as number;
  return displaced === 0 ? 'on' : `on, but for ${displaced} collections: another program's callback was called in between`;
}
