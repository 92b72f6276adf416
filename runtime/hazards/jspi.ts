// WebAssembly that JSPI can suspend (WebAssembly.promising) runs on stacks of V8's own. V8 keeps their chain per isolate,
// so another strand would continue it; and the collector visits each suspended one once for every thread that it knows,
// as it does the continuation data (TRAPS.md): a scavenge then leaves dangling references in it. Both end the process.
// So a thread has either suspended tasks or JSPI: whichever came first.
// Guarded by test/runtime/hazards/jspi.test.ts.

import { disguise } from '../base/disguise.js';
import { AeventError } from '../base/errors.js';
import { replaceMethod } from '../base/replace-method.js';

type Promising = (fn: unknown) => unknown;

let used = false;
let refused = false;
let watched = true;

/** True once a WebAssembly export was made a promising one in this thread. */
export function jspiInUse(): boolean {
  return used;
}

/**
 * From now on WebAssembly.promising() throws an {@link AeventError} `AEVENT_JSPI`.
 * @returns empty, or why it does not
 */
export function refuseJspi(): string {
  refused = true;
  return watched
    ? ''
    : 'WebAssembly is frozen, so nothing keeps a program from using promising() beside tasks';
}

/** Has WebAssembly.promising() watched; before anything else may call it. */
export function watchJspi(): void {
  const wasm = Reflect.get(globalThis, 'WebAssembly') as { promising?: Promising } | undefined;
  const original = wasm?.promising;
  if (wasm === undefined || original === undefined) return;
  const watching = disguise(original, (self, args) => {
    if (refused) {
      throw new AeventError(
        'AEVENT_JSPI',
        'WebAssembly.promising() was called in a thread that has suspended tasks, which V8 cannot keep beside ' +
          'the stacks of JSPI. Use it in a Worker of its own, or start Node with AEVENT_BACKEND=native.',
      );
    }
    const made = Reflect.apply(original, self, args);
    used = true;
    return made;
  });
  watched = replaceMethod(wasm, 'promising', watching);
}
