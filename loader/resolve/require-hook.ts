/**
 * The CommonJS side: `require()`, `createRequire()` and `process.getBuiltinModule()` give the replaced modules, where
 * they would give Node's own. Where they give something else for the name of a builtin (an entry of `require.cache`,
 * another hook's module), that is the program's wish.
 *
 * The replacements come from a hook of require-in-the-middle. It is asked about nothing but replaced builtins, so it
 * resolves no name a second time, and its functions are on no stack of a module that is being evaluated.
 */
import { load, loadDropIn } from '../../monkey/registry.js';
import { builtin } from '../../runtime/base/builtins.js';
import { guardSqlite } from '../../runtime/patching/sqlite.js';
import { isDropIn } from './drop-in-files.js';
import { nameOfReplaced } from './redirect.js';

type Require = (this: unknown, id: string) => unknown;
type Load = (this: unknown, id: string, ...rest: unknown[]) => unknown;

const { Module, createRequire } = builtin<typeof import('node:module')>('module');
const internals = Module as unknown as { _load: Load; _cache: Record<string, NodeModule> };
const prototype = Module.prototype as { require: Require };

const names = new Set<string>();
let hooked = false;
/** The hook's `require()`. It keeps its first answers: there is a new one whenever {@link names} change. */
let hookedRequire: Require | undefined;

/**
 * Makes `require()` and `process.getBuiltinModule()` give the replacements of these modules, and of no others.
 * What a caller holds already stays what it is.
 */
export function hookRequire(replaced: readonly string[]): void {
  names.clear();
  for (const name of replaced) names.add(name);
  hookedRequire = undefined;
  if (hooked) return;
  hooked = true;
  const { require } = prototype;
  const { getBuiltinModule } = process;
  // One function each, with nothing in between: it is on the stack of all that is required, whose traces have ten places.
  const ours = {
    require(this: unknown, id: string): unknown {
      return isDropIn(id) ? loadDropIn(id) : replacement(id, Reflect.apply(require, this, [id]));
    },
    getBuiltinModule(this: unknown, id: string): unknown {
      return replacement(id, Reflect.apply(getBuiltinModule, this, [id]));
    },
  };
  if (!isNodesRequire(require)) replaceBelow();
  prototype.require = likewise(ours.require, require);
  process.getBuiltinModule = likewise(ours.getBuiltinModule, getBuiltinModule) as typeof getBuiltinModule;
}

function isNodesRequire(require: Require): boolean {
  return Function.prototype.toString.call(require).includes('requireDepth');
}

// An agent has hooked require() before aevent. What its hook gets to see, and patches, has to be the replacement.
function replaceBelow(): void {
  const { _load } = internals;
  const ours = {
    _load(this: unknown, id: string, ...rest: unknown[]): unknown {
      return replacement(id, Reflect.apply(_load, this, [id, ...rest]));
    },
  };
  internals._load = likewise(ours._load, _load);
}

function replacement(id: unknown, found: unknown): unknown {
  if (id === 'node:sqlite') guardSqlite();
  const name = nameOfReplaced(id);
  const isNodes = name !== undefined && names.has(name) && found === builtin(name);
  if (!isNodes) return found;
  hookedRequire ??= makeHook();
  return Reflect.apply(hookedRequire, undefined, [name]);
}

function makeHook(): Require {
  const { getBuiltinModule } = process;
  const { require } = prototype;
  const { Hook } = loadHook();
  // What the hook finds to be wrapped.
  prototype.require = (id) => builtin(id);
  try {
    new Hook([...names], <T>(_: T, name: string) => load(name).exports as T);
    return prototype.require;
  } finally {
    prototype.require = require;
    process.getBuiltinModule = getBuiltinModule;
  }
}

// Its modules are no part of the program's: one that shares some with it, such as `debug`, loads its own.
function loadHook(): typeof import('require-in-the-middle') {
  const { _cache: cache } = internals;
  const before = new Set(Object.keys(cache));
  try {
    return createRequire(import.meta.url)('require-in-the-middle') as typeof import('require-in-the-middle');
  } finally {
    for (const file of Object.keys(cache)) if (!before.has(file)) delete cache[file];
  }
}

function likewise<F extends object>(ours: F, nodes: object): F {
  return Object.defineProperties(ours, Object.getOwnPropertyDescriptors(nodes));
}
