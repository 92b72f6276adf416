// Keeps the async context of a moment: code that is called in it later finds the stores (AsyncLocalStorage) of that moment.
import { builtin } from './builtins.js';

const { AsyncResource } = builtin<typeof import('node:async_hooks')>('async_hooks');
const { runInAsyncScope } = AsyncResource.prototype;

/** Calls a function in an async context. */
export type Scope = (fn: () => void) => void;

/**
 * Gives a function that calls others in the async context of now.
 * @param type - the name that async hooks get
 */
export function asyncScopeHere(type: string): Scope {
  const resource = new AsyncResource(type);
  return (fn) => {
    Reflect.apply(runInAsyncScope, resource, [fn]);
  };
}
