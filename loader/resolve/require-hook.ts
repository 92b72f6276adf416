/**
 * The CommonJS side: `require()`, `createRequire()`, `Module._load()`, which these call, and `process.getBuiltinModule()`
 * give the replaced modules, where they would give Node's own. Where they give something else for the name of a builtin (an entry of `require.cache`,
 * another hook's module), that is the program's wish.
 *
 * The replacements come from a hook of require-in-the-middle. It is asked about nothing but replaced builtins, so it
 * resolves no name a second time, and its functions are on no stack of a module that is being evaluated.
 */
import { load, loadDropIn, requireInThread } from '../../monkey/registry.js';
import { modulesInThreads } from '../../runtime/backend/in-thread-options.js';
import { builtin } from '../../runtime/base/builtins.js';
import { each, startsWith } from '../../runtime/base/primordials.js';
import { undisturbed } from '../../runtime/base/undisturbed.js';
import { guardSqlite } from '../../runtime/patching/sqlite.js';
import { isDropIn } from './drop-in-files.js';
import { nameOfReplaced } from './redirect.js';

type Require = (this: unknown, id: string) => unknown;
type LoadArguments = [id: string, parent?: unknown, ...rest: unknown[]];
type Load = (this: unknown, ...args: LoadArguments) => unknown;

const { Module, createRequire, isBuiltin } = builtin<typeof import('node:module')>('module');
const { pathToFileURL } = builtin<typeof import('node:url')>('url');
const internals = Module as unknown as {
  _load: Load;
  _cache: Record<string, NodeModule>;
  _resolveFilename(id: string, parent: unknown, isMain: boolean): string;
};
const prototype = Module.prototype as { require: Require };
const names = new Set<string>();
let hooked = false;
/** The hook's `require()`. It keeps its first answers: there is a new one whenever {@link names} change. */
let hookedRequire: Require | undefined;

/**
 * Makes `require()` and `process.getBuiltinModule()` give the replacements of these modules, and of no others.
 * Modules that a caller holds already stay as they are.
 */
export function hookRequire(replaced: readonly string[]): void {
  names.clear();
  for (const name of each(replaced)) names.add(name);
  hookedRequire = undefined;
  if (hooked) return;
  hooked = true;
  const { _load } = internals;
  const { getBuiltinModule } = process;
  // One function each, with nothing in between: it is on the stack of all that is required, whose traces have ten places.
  const ours = {
    _load(this: unknown, ...args: LoadArguments): unknown {
      const id = args[0];
      if (isDropIn(id)) return undisturbed(() => loadDropIn(id));
      const url = urlInThread(id, args[1]);
      if (url !== undefined) return undisturbed(() => requireInThread(id, url));
      const found = Reflect.apply(_load, this, args);
      return wantsOwn(args[1]) ? found : replacement(id, found);
    },
    getBuiltinModule(this: unknown, id: string): unknown {
      const url = urlInThread(id, undefined);
      if (url !== undefined && url === id) return undisturbed(() => requireInThread(id, url));
      return replacement(id, Reflect.apply(getBuiltinModule, this, [id]));
    },
  };
  internals._load = likewise(ours._load, _load);
  process.getBuiltinModule = likewise(ours.getBuiltinModule, getBuiltinModule) as typeof getBuiltinModule;
}

/** Modules of packages that are in threads, which were loaded here before they were. */
let loaded = new Map<NodeModule, string>();

/** Notes what was loaded here of these modules by now: what asks for it again gets it in a thread. */
export function noteLoaded(modules: readonly string[]): void {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  loaded = new Map();
  hasSqlite = modules.includes('node:sqlite') && moduleLoadList?.includes('NativeModule sqlite') === true;
  for (const [file, module] of Object.entries(internals._cache)) {
    const path = file.replaceAll('\\', '/');
    const name = modules.find((name) => path.includes(`/node_modules/${name}/`));
    if (name !== undefined) loaded.set(module, name);
  }
}
let hasSqlite = false;

/** Names of modules that are in threads now, and that the program had loaded here before. */
export function loadedBefore(): string[] {
  return [...new Set([...(hasSqlite ? ['node:sqlite'] : []), ...loaded.values()])];
}

/** The URL of a module that is in a thread; undefined if it is not, or something was put in its place in `require.cache`. */
function urlInThread(id: string, parent: unknown): string | undefined {
  if (!modulesInThreads().has(id) || wantsOwn(parent)) return undefined;
  if (startsWith(id, 'node:')) return isBuiltin(id) ? id : undefined;
  const file = internals._resolveFilename(id, parent, false);
  const cached = internals._cache[file];
  return cached === undefined || loaded.has(cached) ? pathToFileURL(file).href : undefined;
}

/** True if a later copy of aevent asks (runtime/base/node-builtin.ts). */
function wantsOwn(parent: unknown): boolean {
  return typeof parent === 'object' && parent !== null && Symbol.for('aevent.wants-own') in parent;
}

function replacement(id: unknown, found: unknown): unknown {
  if (id === 'node:sqlite') guardSqlite();
  const name = nameOfReplaced(id);
  const isNodes = name !== undefined && names.has(name) && found === builtin(name);
  if (!isNodes || isLoadingHook) return found;
  return undisturbed(() => {
    hookedRequire ??= makeHook();
    return Reflect.apply(hookedRequire, undefined, [name]);
  });
}

function makeHook(): Require {
  const { getBuiltinModule } = process;
  const { require } = prototype;
  const { Hook } = loadHook();
  // The hook wraps the function that it finds.
  prototype.require = (id) => builtin(id);
  try {
    new Hook([...names], <T>(_: T, name: string) => load(name).exports as T);
    return prototype.require;
  } finally {
    prototype.require = require;
    process.getBuiltinModule = getBuiltinModule;
  }
}

let isLoadingHook = false;

// It requires modules of Node's, too, which are Node's own for it. Its modules are no part of the program's, and the program's, which
// may be half loaded, none of its: one that shares some with it, such as `debug`, loads its own.
function loadHook(): typeof import('require-in-the-middle') {
  const { _cache: cache } = internals;
  const programs = { ...cache };
  isLoadingHook = true;
  try {
    for (const file of Object.keys(cache)) delete cache[file];
    return createRequire(import.meta.url)('require-in-the-middle') as typeof import('require-in-the-middle');
  } finally {
    isLoadingHook = false;
    for (const file of Object.keys(cache)) delete cache[file];
    Object.assign(cache, programs);
  }
}

function likewise<F extends object>(ours: F, nodes: object): F {
  return Object.defineProperties(ours, Object.getOwnPropertyDescriptors(nodes));
}
