// On the V8 of Node 22 a suspension inside JSON.stringify (in a toJSON, a replacer, a getter) could end the process, so
// there it is refused: patched calls run natively, and await_() throws a NoPortalError.
// Guarded by test/runtime/json-stringify.test.ts.
import { jsonStringifyMustNest } from './node-features.js';
import { disguise } from './patch.js';
import { withoutSuspension } from './permission.js';

/** Forbids suspension inside `json.stringify`, where V8 needs it. Tells what it did. */
export function guardJsonStringify(json: JSON): string {
  if (!jsonStringifyMustNest) return 'on';
  const reason = 'JSON.stringify() cannot be suspended on this version of Node';
  const descriptor = Object.getOwnPropertyDescriptor(json, 'stringify');
  const original = descriptor?.value as ((...args: unknown[]) => unknown) | undefined;
  if (typeof original === 'function') {
    const value = disguise(original, (self, args) =>
      withoutSuspension(() => Reflect.apply(original, self, args), reason, true),
    );
    Object.defineProperty(json, 'stringify', { ...descriptor, value });
  }
  return `off: ${reason}`;
}
