/** The application thread's half of the loader: puts every hook in place, once a thread. */
import { installGlobals } from '../monkey/builtins/globals.js';
import { checkInstalled, importInThread, watchStreams } from '../monkey/registry.js';
import {
  variable as environment,
  modulesInThreads,
  modulesOfEnvironment,
  setModulesInThreads,
  type ThreadOptions,
} from '../runtime/backend/in-thread-options.js';
import {
  type Door,
  declareModules,
  onBackendStart,
  onReplacementState,
  onSetup,
  type ReplacementState,
  type ResolvedOptions,
} from '../runtime/backend/setup-listeners.js';
import { builtin } from '../runtime/base/builtins.js';
import type { AeventError } from '../runtime/base/errors.js';
import { requireLate, whenLoadable } from '../runtime/base/instance.js';
import { flags } from '../runtime/base/node-features.js';
import { isHooksThread } from '../runtime/base/threads.js';
import { guardSqlite } from '../runtime/patching/sqlite.js';
import { suspensionStarted } from '../runtime/suspension/native-core.js';
import { excludeModules } from '../runtime/suspension/portal.js';
import { debugOptions } from '../runtime/tooling/debug.js';
import { guardImports } from './evaluate/imported-modules.js';
import { guardEvaluation } from './evaluate/required-modules.js';
import { registerHooks, requiresTypedCommonJsItself } from './node-features.js';
import { registerOutermost } from './outermost.js';
import { importedEarlier } from './resolve/earlier-imports.js';
import { canBeInThread, standInFor } from './resolve/in-thread.js';
import { spreadNet } from './resolve/other-agents.js';
import {
  asksNext,
  choose,
  isFromWrapper,
  isRequire,
  noteEntry,
  redirect,
  replaceable,
  replacedModules,
  sawEntry,
  Treatment,
  type Treatments,
} from './resolve/redirect.js';
import { hookRequire, loadedBefore, noteLoaded } from './resolve/require-hook.js';
import {
  besideHooksThread,
  loaderKey,
  requiresEsm,
  tellInThread,
  treatments,
  warnOfNoRequire,
} from './resolve/start-off-thread.js';
import { inInstance } from './resolve/task-worker-urls.js';

/** Left by the loader on `globalThis[Symbol.for('aevent.loader')]`. */
export interface Installed {
  /** The Node function by which imports are redirected in this thread. */
  readonly via: 'module.registerHooks' | 'module.register';
  /** Shared with the hooks thread, where there is one. */
  readonly treatments: Treatments;
  /** Whether `--loader aevent/loader` redirects imports too. */
  hasLoaderThread: boolean;
  readonly door: Door;
  /** Replaced modules that had been imported before. */
  readonly earlier: readonly string[];
}

const { join } = builtin<typeof import('node:path')>('path');

const global = globalThis as { [loaderKey]?: Installed };

declareModules(replaceable);
// setup() installs too: a program that was started without a flag gets replacements in the modules that it imports after it.
onSetup(configure);
onReplacementState(state);
// A program may have tasks without a flag, and without setup().
onBackendStart(startTools);

/**
 * Puts the replaced modules in front of the builtins for whatever this thread imports or requires from now on,
 * and replaces the globals. Idempotent.
 */
export function install(door: Door): Installed {
  const found = global[loaderKey];
  if (found !== undefined) return found;
  // Both throw for a wrong value, before anything is in place.
  debugOptions();
  const inThread = modulesOfEnvironment(process.env[environment]);
  const via = registerHooks === undefined ? 'module.register' : 'module.registerHooks';
  if (!requiresEsm) {
    warnOfNoRequire();
    return { via, treatments, hasLoaderThread: false, door, earlier: [] };
  }
  // Before our own facades import builtins.
  const earlier = importedEarlier(replacedModules);
  const installed: Installed = { via, treatments, hasLoaderThread: false, door, earlier };
  besideHooksThread(() => {
    Object.defineProperty(global, loaderKey, { value: installed });
    hookImport();
    hookRequire(replacedModules);
    guardEvaluation();
    installGlobals();
    watchStreams();
  });
  if (inThread.size > 0) {
    warnOfMissing(inThread);
    putInThreads(inThread);
  }
  // Last: calls that they have Node's modules make are not replaced.
  startTools();
  return installed;
}

/** Starts the tools that the environment asks for. Nothing is loaded for it otherwise, and nothing is observed where no program runs. */
function startTools(): void {
  if (isHooksThread()) return;
  const { AEVENT_BACKEND, AEVENT_TRACE, AEVENT_REPORT } = process.env;
  if (AEVENT_BACKEND === 'thread') {
    const file = 'runtime/hazards/addon-calls.js';
    type Calls = typeof import('../runtime/hazards/addon-calls.js');
    whenLoadable(file, () => requireLate<Calls>(file).prepareForAddons());
  }
  const { blockingMs, inspect, tasks } = debugOptions();
  if (!AEVENT_TRACE && !AEVENT_REPORT && !inspect && (tasks ?? blockingMs) === undefined) return;
  const file = 'runtime/observing/start.js';
  whenLoadable(file, () => requireLate<typeof import('../runtime/observing/start.js')>(file).startTools());
}

function hookImport(): void {
  if (registerHooks === undefined) {
    spreadNet(treatments);
    // Later, nothing tells of an import here.
    guardImports();
    return;
  }
  registerOutermost(registerHooks, {
    resolve(specifier, context, next) {
      noteEntry(context, treatments);
      if (suspensionStarted()) guardImports();
      if (specifier === 'node:sqlite') guardSqlite();
      if (isFromWrapper(context)) spreadNet(treatments);
      if (modulesInThreads().has(specifier) && !isRequire(context)) {
        const found = next(specifier, context);
        if (!canBeInThread(found.url)) return found;
        return standInFor(specifier, found.url, Object.keys(importInThread(specifier, found.url)));
      }
      const to = redirect(specifier, context, treatments);
      if (to !== undefined && !asksNext(specifier, to, context)) return inInstance(to, context);
      const found = next(specifier, context);
      const resolved = inInstance(to === undefined ? found : choose(found, to), context);
      if (to !== undefined) return resolved;
      const mustRename = requiresTypedCommonJsItself && resolved.format === 'commonjs-typescript';
      return mustRename ? { ...resolved, format: 'commonjs' } : resolved;
    },
  });
}

/** The environment may be for another program than this one: a child's, say. */
function warnOfMissing(modules: ReadonlyMap<string, ThreadOptions>): void {
  const { argv, cwd, emitWarning, env } = process;
  const from = [...(argv[1] === undefined ? [] : [argv[1]]), join(cwd(), 'program.js')];
  for (const name of modules.keys()) {
    const problems = from.map((file) => problemOf(() => checkInstalled(environment, name, file)));
    const problem = problems.find((one) => one !== undefined);
    if (problems.includes(undefined) || problem === undefined || env.AEVENT_WARN === '0') continue;
    emitWarning(problem.message, { type: 'AeventWarning', code: problem.code });
  }
}

function problemOf(check: () => void): AeventError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error as AeventError;
  }
}

/** Has modules be in threads in whatever is imported from now on. */
function putInThreads(modules: ReadonlyMap<string, ThreadOptions>): void {
  setModulesInThreads(modules);
  noteLoaded([...modules.keys()]);
  tellInThread([...modules.keys()]);
}

function configure({ exclude, include, inThread, suspendInRequire }: ResolvedOptions): void {
  const { hasLoaderThread, treatments: shared } = install('setup');
  if (!requiresEsm) return;
  if (inThread !== undefined) {
    for (const name of inThread.keys()) checkInstalled('setup({ inThread })', name);
    putInThreads(inThread);
  }
  const isReplaced = (name: string): boolean => !exclude.has(name) && (include?.has(name) ?? true);
  const otherwise = hasLoaderThread ? Treatment.real : Treatment.leftAlone;
  for (const [index, name] of replaceable.entries()) {
    shared[index] = isReplaced(name) ? Treatment.replaced : otherwise;
  }
  hookRequire(replacedModules.filter(isReplaced));
  // A replacement that a program holds already behaves as Node's own from now on.
  excludeModules(replaceable.filter((name) => !isReplaced(name)));
  guardEvaluation(suspendInRequire);
}

function state(): ReplacementState {
  const installed = global[loaderKey];
  if (installed === undefined)
    return { installed: false, door: undefined, replaced: [], inThread: [], importedEarlier: [] };
  const { door, earlier, treatments: shared } = installed;
  const replaced = replaceable.filter((_, index) => shared[index] === Treatment.replaced);
  // A preload that came before ours is no part of the program: agents are to have Node's own. Nor is Jest, which takes the modules
  // that its tests require from this thread's require().
  const isInFront = door === 'loader' || door === 'jest' || sawEntry(shared) || isPreloaded(door);
  return {
    installed: true,
    door,
    replaced,
    inThread: [...modulesInThreads().keys()],
    importedEarlier: [
      ...(isInFront ? [] : earlier.filter((name) => replaced.includes(name))),
      ...loadedBefore(),
    ],
  };
}

/** Where the entry point is not seen (yet): `node -e` has none, and `aevent/auto` starts the backend before it comes. */
function isPreloaded(door: Door): boolean {
  if (door === 'setup') return false;
  const hasNoEntry = process.argv[1] === undefined || (process as { _eval?: string })._eval !== undefined;
  return hasNoEntry || (door === 'auto' && flags.some((flag) => /^(-r|--require|--import)\b/.test(flag)));
}
