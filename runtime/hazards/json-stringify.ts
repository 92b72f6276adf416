// On the V8 of Node 22 a suspension inside JSON.stringify (in a toJSON, a replacer, a getter) could end the process, so
// there it is refused: patched calls run natively, and await_() throws a NoPortalError.
// Guarded by test/runtime/hazards/json-stringify.test.ts.

import { disguise } from '../base/disguise.js';
import { jsonStringifyMustNest } from '../base/node-features.js';
import { replaceMethod } from '../base/replace-method.js';
import { withoutSuspension } from '../suspension/portal.js';

/** Whether there is one, and why; part of `aevent.info()`. */
export const suspendInJsonStringify: string = jsonStringifyMustNest
  ? 'off: JSON.stringify() cannot be suspended on this version of Node'
  : 'on';

/**
 * Forbids suspension inside `json.stringify`, where V8 needs that.
 * @returns empty, or why it cannot be done
 */
export function guardJsonStringify(json: JSON): string {
  if (!jsonStringifyMustNest) return '';
  const reason = suspendInJsonStringify.slice('off: '.length);
  const original = Reflect.get(json, 'stringify') as ((...args: unknown[]) => unknown) | undefined;
  if (typeof original !== 'function') return '';
  const value = disguise(original, (self, args) =>
    withoutSuspension(() => Reflect.apply(original, self, args), reason, true),
  );
  return replaceMethod(json, 'stringify', value) ? '' : 'JSON is frozen, so stringify() cannot be replaced';
}
