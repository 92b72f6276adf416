/**
 * The CommonJS side: `require()`, `createRequire()` and `process.getBuiltinModule()` give the replaced modules, where
 * they would give Node's own. Where they give something else for the name of a builtin (an entry of `require.cache`,
 * another hook's module), that is what the program wants.
 */
import { load, loadDropIn } from '../monkey/registry.js';
import { builtin } from '../runtime/builtins.js';
import { guardSqlite } from '../runtime/sqlite.js';
import { isDropIn } from './packages.js';
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
  const { require } = prototype;
  const { getBuiltinModule } = process;
  // One function each, with nothing in between: it is on the stack of all that is required, whose traces have ten places.
  const ours = {
    require(this: NodeModule, id: string): unknown {
      return isDropIn(id) ? loadDropIn(id) : replacement(id, Reflect.apply(require, this, [id]));
    },
    getBuiltinModule(this: NodeJS.Process, id: string): unknown {
      return replacement(id, Reflect.apply(getBuiltinModule, this, [id]));
    },
  };
  prototype.require = likewise(ours.require, require);
  process.getBuiltinModule = likewise(ours.getBuiltinModule, getBuiltinModule) as typeof getBuiltinModule;
}

function replacement(id: unknown, found: unknown): unknown {
  if (id === 'node:sqlite') guardSqlite();
  const name = nameOfReplaced(id);
  const isNodes = name !== undefined && names.has(name) && found === builtin(name);
  return isNodes ? load(name).exports : found;
}

function likewise<F extends object>(ours: F, nodes: object): F {
  return Object.defineProperties(ours, Object.getOwnPropertyDescriptors(nodes));
}
