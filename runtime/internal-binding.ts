// Node's internal bindings, for the few things that nothing public offers.
import { builtin } from './builtins.js';

type WithBinding = typeof import('node:process') & { binding(name: string): unknown };

/**
 * Gives one of the bindings that `process.binding()` still hands out; undefined where it refuses (the permission model).
 * @param name - as `pipe_wrap`
 */
export function internalBinding<T>(name: string): T | undefined {
  const process = builtin<WithBinding>('process');
  // process.binding() is deprecated (DEP0111): its warning under --pending-deprecation is not the program's fault.
  // Under --no-deprecation the property is true already, and read-only.
  const silenced = process.noDeprecation === true;
  const before = Object.getOwnPropertyDescriptor(process, 'noDeprecation');
  if (!silenced) process.noDeprecation = true;
  try {
    return process.binding(name) as T;
  } catch {
    return undefined;
  } finally {
    if (!silenced) {
      if (before === undefined) Reflect.deleteProperty(process, 'noDeprecation');
      else Object.defineProperty(process, 'noDeprecation', before);
    }
  }
}
