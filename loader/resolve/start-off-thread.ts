/**
 * Node 20 has import hooks in a thread of their own only, which takes 40 ms to boot, while the main thread waits. It
 * need not: `register()` boots the thread before it looks at what it has to load there, so what that is asked for
 * (`toString()`) is the moment to do everything else that a start-up has to do. On a Node that asks earlier, or not
 * at all, it is done before or after.
 *
 * Evaluated before anything else of aevent is read: it must stay free of imports.
 */

/** Where the loader leaves what it has done, on `globalThis`. */
export const loaderKey: unique symbol = Symbol.for('aevent.loader');

const { register, registerHooks } = process.getBuiltinModule('node:module') as Partial<
  typeof import('node:module')
>;
/**
 * The treatment of each module's imports (redirect.ts). Shared with the hooks thread, where there is one, which has it
 * before the number of modules is known; one byte each is more than Node has builtins.
 */
export const treatments: Uint8Array = new Uint8Array(memory(256));

/** Shared where there is a hooks thread: a program may have been started without SharedArrayBuffer. */
function memory(bytes: number): SharedArrayBuffer | ArrayBuffer {
  return registerHooks === undefined ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}

/** The data that aevent's hooks in the hooks thread get. */
export interface HooksData {
  readonly treatments: Uint8Array;
  /** Which of its registrations these are; only the last one, in `current`, does anything. */
  readonly generation: number;
  readonly current: Uint32Array;
  /** The modules that are in threads. */
  readonly inThread: readonly string[];
}

/** The environment's are checked by install.ts. */
let inThread: readonly string[] = (process.env.AEVENT_IN_THREAD ?? '').split(',').map((name) => name.trim());
const current = new Uint32Array(memory(4));

/** Whether aevent's modules can be loaded: by `require()`, although they are ES modules. See monkey/registry.ts. */
export const requiresEsm: boolean = process.features.require_module;
let started = false;
let warned = false;

/** Says, once a thread, that nothing is replaced because {@link requiresEsm} is false. */
export function warnOfNoRequire(): void {
  if (warned || process.env.AEVENT_WARN === '0') return;
  warned = true;
  process.emitWarning(
    'aevent replaces nothing in this process: Node was started with --no-experimental-require-module, ' +
      'and aevent loads its modules by require(). Leave that flag out.',
    { type: 'AeventWarning', code: 'AEVENT_NO_REQUIRE_ESM' },
  );
}

/**
 * Starts the hooks thread, where one is needed and none runs yet, and calls `work` while it boots. Else just calls it.
 * @param work - called once
 */
export function besideHooksThread(work: () => void): void {
  let done = started || registerHooks !== undefined || loaderKey in globalThis;
  if (done) {
    work();
    return;
  }
  started = true;
  const workOnce = (): void => {
    if (done) return;
    done = true;
    work();
  };
  const specifier = {
    toString(): string {
      workOnce();
      return './off-thread-hooks.js';
    },
  };
  keepingNameOfChdir(() => {
    // TypeScript: register() takes a string or URL, but Node makes a string of whatever it is given.
    registerInThread(specifier as unknown as URL, 0);
    workOnce();
  });
  stayOutermost();
}

/** Runs what may have Node load its module for threads, which replaces `process.chdir()` with a function that has no name. */
export function keepingNameOfChdir(work: () => void): void {
  const { chdir } = process;
  work();
  if (process.chdir !== chdir) Object.defineProperty(process.chdir, 'name', { value: chdir.name });
}

function registerInThread(specifier: string | URL, generation: number): void {
  const data: HooksData = { treatments, generation, current, inThread };
  (register as typeof import('node:module').register)(specifier, import.meta.url, { data });
  current[0] = generation;
}

/** Has the hooks thread, where there is one, know which modules are in threads from now on. */
export function tellInThread(names: readonly string[]): void {
  if (names.join() === inThread.join()) return;
  inThread = names;
  if (started) registerAgain();
}

function registerAgain(): void {
  const generation = (current[0] as number) + 1;
  registerInThread(`./off-thread-hooks.js?${generation}`, generation);
}

// The loader that was registered last is asked first. An agent's has to be asked by aevent's, see redirect.ts.
function stayOutermost(): void {
  const nodeModule = process.getBuiltinModule('node:module');
  const ours = {
    register(...args: unknown[]): void {
      Reflect.apply(register as (...args: unknown[]) => void, nodeModule, args);
      registerAgain();
    },
  };
  Object.defineProperty(ours.register, 'length', { value: register?.length });
  nodeModule.register = ours.register;
  nodeModule.syncBuiltinESMExports();
}
