// SQLite locks a connection for as long as it is in one of its functions, with a lock that belongs to an OS thread. With the
// backend `thread` each task is one: were a task suspended in a function that it gave to SQLite, another task that uses the
// connection would wait for the lock, and with it the whole event loop, for ever. So there nothing is suspended inside a call
// into `node:sqlite`. With `fiber` all tasks are one thread to SQLite.
// Guarded by test/runtime/patching/sqlite.test.ts.
import { builtin } from '../base/builtins.js';
import { type AnyFunction, disguise } from '../base/disguise.js';
import { replaceMethod } from '../base/replace-method.js';
import { isOnCarrier } from '../suspension/native-core.js';
import { withoutSuspension } from '../suspension/portal.js';

const REASON = 'node:sqlite holds a lock of its OS thread, with the backend thread';
const guarded = new WeakSet<object>();

/** True in a thread whose tasks are threads to SQLite. */
let locks = false;

/** Keeps tasks from being suspended inside calls into `node:sqlite`, once and for all: for the backend `thread`. */
export function forbidSuspensionInSqlite(): void {
  locks = true;
  const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
  const { registerHooks, isBuiltin } = builtin<Partial<typeof import('node:module')>>('module');
  // Where hooks have a thread of their own, nothing tells of its import.
  const isUntold = registerHooks === undefined && isBuiltin?.('node:sqlite') === true;
  if (isUntold || moduleLoadList.includes('NativeModule sqlite')) guardSqlite();
}

/** To be called when the program loads `node:sqlite`; see {@link forbidSuspensionInSqlite}. */
export function guardSqlite(): void {
  if (!locks) return;
  for (const exported of Object.values(builtin<Record<string, unknown>>('sqlite'))) {
    if (typeof exported === 'function') guardMethods(exported.prototype);
  }
}

function guardMethods(prototype: object | null | undefined): void {
  if (prototype === null || prototype === undefined || guarded.has(prototype)) return;
  guarded.add(prototype);
  for (const [name, { value: original }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === 'constructor' || typeof original !== 'function') continue;
    const value = disguise(original as AnyFunction, (self, args) => {
      const call = (): unknown => Reflect.apply(original, self, args);
      const result = isOnCarrier() ? withoutSuspension(call, REASON, true) : call();
      // An iterator over rows, whose methods are native.
      if (name === 'iterate') guardMethods(Object.getPrototypeOf(result));
      return result;
    });
    replaceMethod(prototype, name, value);
  }
}
