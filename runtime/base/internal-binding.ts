// Node's internal bindings, as far as process.binding() gives them.
import { builtin } from './builtins.js';

type Process = typeof import('node:process') & { binding(name: string): unknown };

const process = builtin<Process>('process');
const { binding } = process;
const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;

/** Gives an internal binding of Node's; undefined where Node's permission model withholds it, or it is gone. */
export function internalBinding<T>(name: string): T | undefined {
  return withoutDeprecation(() => {
    try {
      return apply(binding, process, [name]) as T;
    } catch {
      return undefined;
    }
  });
}

// process.binding() is deprecated (DEP0111): its warning under --pending-deprecation is not the program's fault.
// Under --no-deprecation there is none, and the property cannot be written; nor can it in a frozen object.
function withoutDeprecation<T>(fn: () => T): T {
  const before = getOwnPropertyDescriptor(process, 'noDeprecation');
  const value = { value: true, writable: true, enumerable: true, configurable: true };
  if (before?.configurable === false || !defineProperty(process, 'noDeprecation', value)) return fn();
  try {
    return fn();
  } finally {
    if (before === undefined) deleteProperty(process, 'noDeprecation');
    else defineProperty(process, 'noDeprecation', before);
  }
}
