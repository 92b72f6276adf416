// Which modules a program gets in threads, by setup({ inThread }) and AEVENT_IN_THREAD, and the options that a module in a thread
// has. Part of the start-up, and evaluated in the hooks thread, too.
import { builtin } from '../base/builtins.js';
import { entriesOf } from '../base/comma-list.js';
import { describe, quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { each, includes, join } from '../base/primordials.js';

const { isBuiltin } = builtin<typeof import('node:module')>('module');

/** Options of a module that is in a thread. */
export interface ThreadOptions {
  /** How many threads run the functions that the module exports. Default: 1, more for packages known to be thread-safe. */
  threads?: number;
  /** Whether each instance of a class that the module exports has a thread of its own. Default: for databases. */
  threadPerInstance?: boolean;
  /**
   * Milliseconds, >= 0, for which a call waits where it stands, event loop and all, before it suspends: two switches of stacks
   * and a wake-up of the loop are more than a query that takes microseconds. Default: 0.05.
   */
  inlineMs?: number;
  /** Limits of each thread, as a Worker has them. */
  resourceLimits?: import('node:worker_threads').ResourceLimits;
}

/** The value of `setup({ inThread })`: names of modules, or an object of options by name. */
export type ModulesInThreads = readonly string[] | Readonly<Record<string, ThreadOptions>>;

/** The environment variable that names modules, separated by commas. */
export const variable = 'AEVENT_IN_THREAD';

/** Builtins that can be in a thread. */
const BUILTINS = ['node:sqlite'];
const PACKAGE = /^(?:@[a-z0-9~_-][a-z0-9._~-]*\/)?[a-z0-9~_-][a-z0-9._~-]*(?:\/[^\s,]+)?$/i;
const optionNames = ['threads', 'threadPerInstance', 'inlineMs', 'resourceLimits'];
const VALID = `names of packages, such as 'better-sqlite3', 'bcrypt' or '@swc/core', and of these builtins: ${BUILTINS.join(', ')}`;

let modules: ReadonlyMap<string, ThreadOptions> = new Map();

/** The modules that imports from now on get in threads, with their options. */
export function modulesInThreads(): ReadonlyMap<string, ThreadOptions> {
  return modules;
}

/** Sets the result of {@link modulesInThreads}. */
export function setModulesInThreads(named: ReadonlyMap<string, ThreadOptions>): void {
  modules = named;
}

/**
 * The modules that the environment names.
 * @throws TypeError `AEVENT_INVALID_OPTIONS` for a name that no module can have, with the valid ones
 */
export function modulesOfEnvironment(text: string | undefined): ReadonlyMap<string, ThreadOptions> {
  return checkModulesInThreads(variable, entriesOf(text));
}

/**
 * Checks names of modules.
 * @param what - the option or variable that names them, for the error
 * @throws TypeError `AEVENT_INVALID_OPTIONS`, `AEVENT_UNKNOWN_OPTION`
 */
export function checkModulesInThreads(what: string, given: unknown): ReadonlyMap<string, ThreadOptions> {
  if (typeof given !== 'object' || given === null) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `${what} takes an array of ${VALID}; or an object of options by name; not ${describe(given)}.`,
    );
  }
  const isList = Array.isArray(given);
  const names: unknown[] = isList ? given : Object.keys(given);
  const checked = new Map<string, ThreadOptions>();
  for (const name of each(names)) {
    checkName(what, name);
    const options: unknown = isList ? {} : (given as Record<string, unknown>)[name];
    checkThreadOptions(
      isList ? what : `${what.replace(/ \}\)$/, '')}: { ${quoted(name)}`,
      options,
      optionNames,
    );
    checked.set(name, options as ThreadOptions);
  }
  return checked;
}

function checkName(what: string, name: unknown): asserts name is string {
  const problem =
    typeof name !== 'string' || name === ''
      ? 'that is no name'
      : includes(BUILTINS, name)
        ? undefined
        : /^node:/.test(name) || isBuiltin(name)
          ? 'of that builtin what can suspend does so as it is'
          : /^aevent(?:\/|$)/.test(name)
            ? 'aevent itself cannot be in a thread'
            : PACKAGE.test(name)
              ? undefined
              : 'that is no name of a package';
  if (problem === undefined) return;
  throw invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `${what}: ${typeof name === 'string' ? quoted(name) : describe(name)}: ${problem}. Valid are ${VALID}.`,
  );
}

/**
 * Checks options of a module in a thread.
 * @param what - the call and the beginning of its options, for the error
 * @param known - the names of options that are valid there
 * @throws TypeError `AEVENT_INVALID_OPTIONS`, `AEVENT_UNKNOWN_OPTION`
 */
export function checkThreadOptions(
  what: string,
  options: unknown,
  known: readonly string[],
): asserts options is ThreadOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `${what} takes an object of options, not ${describe(options)}.`,
    );
  }
  for (const name of each(Object.keys(options))) {
    if (includes(known, name)) continue;
    throw invalidArgument(
      'AEVENT_UNKNOWN_OPTION',
      `${what} has no option ${quoted(name)}. It has: ${join(known, ', ')}.`,
    );
  }
  const { threads, threadPerInstance, inlineMs, resourceLimits } = options as ThreadOptions;
  const wrong =
    threads !== undefined && !(Number.isInteger(threads) && threads >= 1)
      ? `threads }) takes an integer >= 1, not ${describe(threads)}`
      : threadPerInstance !== undefined && typeof threadPerInstance !== 'boolean'
        ? `threadPerInstance }) takes true or false, not ${describe(threadPerInstance)}`
        : inlineMs !== undefined &&
            !(typeof inlineMs === 'number' && inlineMs >= 0 && Number.isFinite(inlineMs))
          ? `inlineMs }) takes finite milliseconds >= 0, not ${describe(inlineMs)}`
          : resourceLimits !== undefined && (typeof resourceLimits !== 'object' || resourceLimits === null)
            ? `resourceLimits }) takes an object, not ${describe(resourceLimits)}`
            : undefined;
  if (wrong !== undefined) throw invalidArgument('AEVENT_INVALID_OPTIONS', `${what}: { ${wrong}.`);
}
