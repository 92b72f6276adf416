// Work that can end while the program goes on, such as a Worker that is a task: what it registered must not run after
// that, and what its callbacks throw is its own affair. It may have module instances of its own, too.
import { type Context, currentContext } from './context.js';
import type { Scope } from './scope.js';

/** Such work, as the code that runs in it and the loader see it. */
export interface Container {
  /** Calls a callback, unless the work has ended. What it throws, or its promise rejects with, goes no further. */
  enter(fn: () => unknown, self: unknown): unknown;
  /** Its `Module._cache`. */
  readonly cache: NodeJS.Dict<NodeModule>;
  /** The file that it runs, where that is CommonJS: its top level may suspend. */
  readonly entry: string | undefined;
  /** A mark that the URLs of its ES modules have in their query. */
  readonly mark: string;
  /** The properties of `process` that differ for it. */
  readonly process: { readonly [key: PropertyKey]: unknown };
}

const containers = new WeakMap<Scope, Container>();
let some = false;

/** Everything inside `scope` belongs to `container` from now on, also after the scope was left. */
export function contain(scope: Scope, container: Container): void {
  some = true;
  containers.set(scope, container);
}

/** The innermost container around a context, by default the current one. */
export function containerOf(context?: Context): Container | undefined {
  if (!some) return undefined;
  for (let { scope } = context ?? currentContext() ?? {}; scope !== undefined; scope = scope.parent) {
    const found = containers.get(scope);
    if (found !== undefined) return found;
  }
  return undefined;
}
