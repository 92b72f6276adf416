// Modules that a program imports or requires by name and gets in threads (setup({ inThread }), AEVENT_IN_THREAD): one object for
// each file, however the program asks for it. What a module is loaded by does not suspend, as require() does not.
import { modulesInThreads } from '../backend/in-thread-options.js';
import { builtin } from '../base/builtins.js';
import { startsWith } from '../base/primordials.js';
import { withoutSuspension } from '../suspension/portal.js';
import { ModuleThreads } from './module-threads.js';
import { locate } from './specifier.js';

const { fileURLToPath } = builtin<typeof import('node:url')>('url');

const byUrl = new Map<string, ModuleThreads>();

/**
 * Gives what `require()` of a module gives. Blocks while the module is loaded, once.
 * @param name - as the program names it
 * @param url - the `file:` URL of its file, or a builtin
 * @throws what the module throws when it is loaded; {@link AeventError} `AEVENT_THREAD_ENDED`
 */
export function requireInThread(name: string, url: string): unknown {
  return withoutSuspension(() => threadsOf(name, url).exports);
}

/** Gives the exports that an `import` of a module has, by the names of {@link namesInThread}. Parameters and errors: {@link requireInThread}. */
export function importInThread(name: string, url: string): Readonly<Record<string, unknown>> {
  return withoutSuspension(() => threadsOf(name, url).namespace);
}

/**
 * Checks that there is a module.
 * @param from - the path of a file that may name it; by default the file that calls
 * @throws AeventError `AEVENT_NO_MODULE`
 */
export function checkInstalled(what: string, name: string, from?: string): void {
  locate(what, name, from);
}

function threadsOf(name: string, url: string): ModuleThreads {
  let found = byUrl.get(url);
  if (found === undefined) {
    const from = startsWith(url, 'file:') ? fileURLToPath(url) : '/';
    found = new ModuleThreads(name, { specifier: url, from }, modulesInThreads().get(name) ?? {});
    byUrl.set(url, found);
  }
  return found;
}
