// Gets the modules and functions that a thread is to run.
import { builtin } from '../base/builtins.js';

const { createRequire } = builtin<typeof import('node:module')>('module');
const { types } = builtin<typeof import('node:util')>('util');
const vm = builtin<typeof import('node:vm')>('vm');

type Callable = (...args: unknown[]) => unknown;
const IMPORT_ONLY = [
  'ERR_REQUIRE_ASYNC_MODULE',
  'ERR_REQUIRE_ESM',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_REQUIRE_CYCLE_MODULE',
];

/**
 * Gives a module's exports; a promise if it can only be imported.
 * @param from - the path of the file that names it
 */
export function loadModule(specifier: string, from: string): unknown {
  const path = specifier.startsWith('file:') ? new URL(specifier) : undefined;
  try {
    return createRequire(from)(
      path === undefined ? specifier : builtin<typeof import('node:url')>('url').fileURLToPath(path),
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (IMPORT_ONLY.includes(code ?? '')) return importFrom(specifier, from);
    if (/self-register/.test(message ?? '')) {
      throw Object.assign(
        new Error(
          `${specifier} has a native addon that can be loaded in one thread only: the program has loaded it already, or ` +
            'it wants the main thread.',
          { cause: error },
        ),
        { code: 'AEVENT_MAIN_THREAD_ONLY' },
      );
    }
    throw error;
  }
}

/** The names that an `import` of a module has, and whether `require()` gives something else than these. */
export async function namesOf(
  specifier: string,
  from: string,
): Promise<{ names: string[]; isCommonJs: boolean }> {
  const names = Object.keys((await importFrom(specifier, from)) as object);
  return { names, isCommonJs: !types.isModuleNamespaceObject(await loadModule(specifier, from)) };
}

function importFrom(specifier: string, filename: string): Promise<unknown> {
  // The other way has Node 20 and 22 warn.
  if (/^(?:file|node):/.test(specifier)) return import(specifier);
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new vm.Script('(specifier) => import(specifier)', { filename, importModuleDynamically });
  return (script.runInThisContext() as (specifier: string) => Promise<unknown>)(specifier);
}

/** @param name - `default` is what a CommonJS module exports, too */
export function exportOf(module: unknown, name: string, specifier: string): Callable {
  const found =
    name === 'default' && typeof module === 'function' ? module : (module as Record<string, unknown>)?.[name];
  const inDefault = (module as { default?: Record<string, unknown> } | undefined)?.default?.[name];
  const chosen = typeof found === 'function' ? found : inDefault;
  if (typeof chosen === 'function') return chosen as Callable;
  const all = Object.keys(module as object).join(', ');
  throw Object.assign(
    new TypeError(`${specifier} exports no function '${name}'. It exports: ${all || 'nothing'}.`),
    { code: 'AEVENT_NO_EXPORT' },
  );
}

const functions = new Map<string, Callable>();

/** The function that a source is of. */
export function functionOf(source: string): Callable {
  let found = functions.get(source);
  if (found === undefined) {
    found = vm.runInThisContext(`'use strict'; ${source}`, { filename: 'aevent.toThread' }) as Callable;
    functions.set(source, found);
  }
  return found;
}
