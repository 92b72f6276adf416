/**
 * The CommonJS side: `require()`, `createRequire()` and `process.getBuiltinModule()` give the replaced modules, where
 * they would give Node's own. Where they give something else for the name of a builtin (an entry of `require.cache`,
 * another hook's module), that is what the program wants.
 */
import { load } from '../monkey/registry.js';
import { builtin } from '../runtime/builtins.js';
import { disguise } from '../runtime/patch.js';
import { nameOfReplaced } from './redirect.js';

const { Module } = builtin<typeof import('node:module')>('module');
const prototype = Module.prototype as { require(id: string): unknown };

const names = new Set<string>();
let hooked = false;

/**
 * Makes `require()` and `process.getBuiltinModule()` give the replacements of these modules, and of no others.
 * What a caller holds already stays what it is.
 */
export function hookRequire(replaced: readonly string[]): void {
  names.clear();
  for (const name of replaced) names.add(name);
  if (hooked) return;
  hooked = true;
  prototype.require = replacing(prototype.require);
  process.getBuiltinModule = replacing(process.getBuiltinModule);
}

type Get = (id: never) => unknown;

function replacing<F extends Get>(get: F): F {
  return disguise(get, (self, args) => {
    const found = Reflect.apply(get, self, args as never);
    const name = nameOfReplaced(args[0]);
    const isNodes = name !== undefined && names.has(name) && found === builtin(name);
    return isNodes ? load(name).exports : found;
  });
}
