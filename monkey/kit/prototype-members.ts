// Property descriptors for the prototypes of replaced classes.
import { each } from '../../runtime/base/primordials.js';
import { hasPortal } from '../../runtime/suspension/portal.js';

/** Describes the members of a prototype, as Node's own are: there, but not enumerable. */
export function members(values: Record<PropertyKey, unknown>): PropertyDescriptorMap {
  const described: PropertyDescriptorMap = {};
  for (const key of each(Reflect.ownKeys(values))) {
    described[key] = { value: values[key], writable: true, configurable: true };
  }
  return described;
}

/**
 * Describes the iterator of objects that Node does not make iterable, since each step waits: they have it in code that
 * may suspend, and nowhere else. Programs, and Node itself, look for one to tell what they were given.
 * Guarded by test/monkey/builtins/stream/sync-methods.test.ts.
 */
export function iterator(iterate: () => Iterator<unknown>): PropertyDescriptorMap {
  return {
    [Symbol.iterator]: {
      get: () => (hasPortal() ? iterate : undefined),
      set(value: unknown) {
        Object.defineProperty(this, Symbol.iterator, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      },
      configurable: true,
    },
  };
}
