/**
 * A thread has one instance of aevent, however many copies of the package are installed, and in however many `vm` contexts
 * they are evaluated. A program loads doors of a copy (integration/support/bundle.mjs makes them): each gives the exports that the first
 * instance has, and nothing else of a later copy is evaluated. The first one is found on `process`, which test runners hand
 * on to their contexts.
 *
 * Evaluated before anything else of aevent is read, in any context, by any Node: it imports nothing but files that import nothing. Guarded by test/loader/copies.test.ts.
 */
import { surviveCutLinking } from './cut-linking.js';
import { builtin } from './node-builtin.js';
import { refusalOf } from './node-version.js';
import { undisturbed } from './undisturbed.js';

/** The package's version; integration/support/bundle.mjs puts it in. */
declare const AEVENT_VERSION: string;

/** The first copy of aevent in a thread, for later ones to find. */
export interface Instance {
  readonly version: string;
  /** The `file:` URL of its folder, which ends with a slash. */
  readonly home: string;
  /**
   * Gives the exports of one of its modules, evaluated at the first call.
   * @param name - the part of an import after 'aevent', with a dot in front, or `registry`
   */
  open(name: string): object;
}

type Compile = (this: NodeModule, source: string, filename: string, format: 'module') => void;

const nodeVersion = process.versions.node;
if (refusalOf(nodeVersion) !== '') throw failure('AEVENT_UNSUPPORTED_NODE', `${refusalOf(nodeVersion)}.`);

const { createRequire, Module } = builtin<typeof import('node:module')>('module');
const { readFileSync } = builtin<typeof import('node:fs')>('fs');
const { fileURLToPath, pathToFileURL } = builtin<typeof import('node:url')>('url');
// require() ends here, on every Node so far.
const { _compile } = Module.prototype as unknown as { _compile: Compile };

const NO_REQUIRE_ESM = 'AEVENT_NO_REQUIRE_ESM';
const key = Symbol.for('aevent.instance');
const registry = process as { [key]?: Instance };

/** A `vm` context has a Function of its own; Node's functions are the thread's. */
const isMainRealm = readFileSync instanceof Function;

/** The modules behind the names of {@link Instance.open}, in `dist/`. integration/support/bundle.mjs makes a door to each entry of the package. */
export const files: Readonly<Record<string, string>> = {
  '.': 'loader/index',
  './atexit': 'runtime/modules/atexit',
  './auto': 'loader/auto-commonjs',
  './lowlevel': 'runtime/modules/lowlevel',
  './os': 'runtime/modules/os',
  './queue': 'runtime/modules/queue/index',
  './register': 'loader/register',
  './select': 'runtime/modules/select/index',
  './signal': 'runtime/modules/signal/index',
  './testing': 'runtime/modules/testing/index',
  './threading': 'runtime/modules/threading/index',
  jest: 'loader/test-runners/install-for-jest',
  registry: 'monkey/registry',
  'source-worker': 'loader/source-worker',
  'test-run': 'runtime/modules/testing/test-run',
};

let compiles = true;
let survives = false;

/**
 * Gives the exports of the thread's instance that `name` stands for; the copy that asks becomes the instance if there is none.
 * @param name - see {@link Instance.open}
 * @param door - the URL or path of the file that asks
 * @param exported - the names that the copy that asks exports, separated by commas
 * @throws AeventError `AEVENT_TWO_COPIES`, `AEVENT_BUNDLED`
 */
export function open<T extends object>(name: string, door: string | undefined, exported = ''): T {
  const instance = instanceFor(door);
  const found = instance.open(name) as T;
  if (instance.version !== AEVENT_VERSION) {
    for (const wanted of exported.split(',')) {
      if (wanted !== '' && !(wanted in found)) throw conflict(instance, homeOf(door));
    }
  }
  return found;
}

/**
 * Opens `name` for the file that `-r` loads. A program whose options forbid require() of ES modules runs without aevent, as with
 * `--import`, and is warned.
 */
export function openPreload(name: string, door: string): object {
  try {
    return open(name, door);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Node 22 evaluates preloads in the thread of module.register()'s hooks, too, where no ES module can be required.
    if (code === 'ERR_METHOD_NOT_IMPLEMENTED') return {};
    if (code !== NO_REQUIRE_ESM) throw error;
    if (process.env.AEVENT_WARN !== '0') {
      const warning = `aevent replaces nothing in this process: ${message}`;
      process.emitWarning(warning, { type: 'AeventWarning', code: NO_REQUIRE_ESM });
    }
    return {};
  }
}

/** Opens `name`, unless the module at `door` is the one that would be opened. @returns whether it did */
export function openElsewhere(name: string, door: string): boolean {
  const { home } = instanceFor(door);
  if (isMainRealm && door.startsWith(home)) return false;
  open(name, door);
  return true;
}

/** Finds the thread's instance, or makes the copy that `door` is part of the instance. */
function instanceFor(door: string | undefined): Instance {
  const found = registry[key] ?? claimFor(door);
  if (!areCompatible(found.version, AEVENT_VERSION)) throw conflict(found, homeOf(door));
  return found;
}

function claimFor(door: string | undefined): Instance {
  const home = homeOf(door);
  if (home === undefined) throw bundled(door);
  if (isMainRealm) return claim(home);
  // In another context than the thread's own this module is evaluated once more, there, and that one claims.
  const url = new URL('dist/runtime/base/instance.js', home);
  return requireFile<typeof import('./instance.js')>(url).claim(home);
}

/** Makes the copy in `home` the thread's instance, unless it has one. In the thread's own context only. */
export function claim(home: string): Instance {
  const found = registry[key];
  if (found !== undefined) return found;
  const opened = new Map<string, object>();
  const instance: Instance = Object.freeze({
    version: AEVENT_VERSION,
    home,
    open(name: string): object {
      const known = opened.get(name);
      if (known !== undefined) return known;
      const exports = requireFile<object>(new URL(`dist/${files[name]}.js`, home));
      opened.set(name, exports);
      return exports;
    },
  });
  Object.defineProperty(process, key, { value: instance });
  return instance;
}

/** The folder of the copy that a file belongs to; undefined if a bundler has put it elsewhere. */
function homeOf(door: string | undefined): string | undefined {
  if (door === undefined) return undefined;
  const url = door.startsWith('file:') ? door : pathToFileURL(door).href;
  return /^(.*\/)dist\/(?:loader|monkey|runtime)\/.*\.c?js$/.exec(url)?.[1];
}

/** npm's ranges: versions that differ after the first number that is not 0. */
function areCompatible(one: string, other: string): boolean {
  const range = (version: string): string | undefined => /^(0\.)*\d+/.exec(version)?.[0];
  return range(one) === range(other);
}

function conflict(first: Instance, home: string | undefined): Error {
  const pathOf = (url: string | undefined): string => (url === undefined ? 'a bundle' : fileURLToPath(url));
  return failure(
    'AEVENT_TWO_COPIES',
    `Two copies of aevent in one thread do not fit: version ${first.version} in ${pathOf(first.home)} runs, ` +
      `version ${AEVENT_VERSION} in ${pathOf(home)} was loaded after it. Have one version installed: \`npm ls aevent\` ` +
      'names who wants which, `npm dedupe` or "overrides" in package.json makes them one; a library should have aevent in ' +
      'its peerDependencies.',
  );
}

function bundled(door: string | undefined): Error {
  const where = door === undefined ? '' : ` into ${door.startsWith('file:') ? fileURLToPath(door) : door}`;
  return failure(
    'AEVENT_BUNDLED',
    `aevent was bundled${where}, where it cannot find its own files. Keep aevent external: esbuild --external:aevent, ` +
      "rollup and Vite external: [/^aevent/], webpack externals: { aevent: 'module aevent' } (for CommonJS 'commonjs aevent'), " +
      'ncc -e aevent; and install it beside the bundle.',
  );
}

function failure(code: string, message: string): Error {
  const error = Object.assign(new Error(message), { code });
  return Object.defineProperties(error, {
    name: { value: 'AeventError', configurable: true, writable: true },
    [Symbol.for(`aevent.error.${code}`)]: { value: true },
  });
}

function requireFile<T>(url: URL): T {
  // Test runners set it to false in their contexts, where this does not matter.
  if (isMainRealm && !process.features.require_module) {
    throw failure(
      NO_REQUIRE_ESM,
      'aevent loads its modules by require(), which --no-experimental-require-module forbids. Leave that flag out.',
    );
  }
  try {
    return requireOwn<T>(url);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    // webpack writes the URL that a file had when it was bundled in place of `import.meta.url`.
    throw code === 'ENOENT' && path === fileURLToPath(url) ? bundled(undefined) : error;
  }
}

/** False where Node's require() alone can load aevent's modules. */
export function compilesOwn(): boolean {
  return compiles;
}

/**
 * Gives the namespace of an ES module of aevent's that awaits nothing at its top level, and is evaluated if it is not yet: in
 * the thread's own context. Node's require() would do, but for hooks that put one of their own in its place
 * (`Module._extensions`: tsx, ts-node, Babel's register, …): they would make CommonJS of it, and another instance.
 * @param url - a `file:` URL
 */
export function requireOwn<T>(url: URL): T {
  const filename = fileURLToPath(url);
  if (!compiles) return createRequire(url)(filename) as T;
  const module = new Module(filename);
  try {
    if (isMainRealm && !survives) {
      survives = true;
      surviveCutLinking((empty) => compileOwn(empty, '', `${filename}.empty`));
    }
    compileOwn(module, readFileSync(filename, 'utf8'), filename);
  } catch (error) {
    // To CommonJS an `import` is one: a `_compile` of a program's knows nothing of formats.
    if (!(error instanceof SyntaxError)) throw error;
    compiles = false;
    return requireOwn(url);
  }
  return module.exports as T;
}

function compileOwn(module: NodeModule, source: string, filename: string): void {
  module.filename = filename;
  undisturbed(() => Reflect.apply(_compile, module, [source, filename, 'module']));
}

/** The URL of a file of the package's `dist/`, such as `runtime/observing/parked.js`. */
export function ownUrl(file: string): URL {
  // Of `new URL()` with `import.meta.url` itself webpack makes assets: here of every file of the package.
  const here = import.meta.url;
  return new URL(`../../${file}`, here);
}

/** Modules that were imported, for a Node that cannot require them. */
const imported = new Map<string, object>();

/** As {@link requireOwn}, for modules that are loaded when they are needed first. @param file - see {@link ownUrl} */
export function requireLate<T>(file: string): T {
  return (imported.get(file) as T | undefined) ?? requireOwn<T>(ownUrl(file));
}

/**
 * Calls `use` when {@link requireLate} can give `file`: at once. Under --no-experimental-require-module the file is imported
 * first, and `use` is called when it is there.
 */
export function whenLoadable(file: string, use = (): void => {}): void {
  if (process.features.require_module) {
    use();
    return;
  }
  void import(ownUrl(file).href).then((module: object) => {
    imported.set(file, module);
    use();
  });
}
