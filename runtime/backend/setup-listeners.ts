// Where the rooms above hang themselves in: the runtime calls them without knowing them.

import { quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import type { ThreadOptions } from './in-thread-options.js';

/** Options of `setup()`, checked and completed. */
export interface ResolvedOptions {
  readonly exclude: ReadonlySet<string>;
  /** Undefined: every module that aevent replaces. */
  readonly include: ReadonlySet<string> | undefined;
  /** Undefined: as before. */
  readonly inThread: ReadonlyMap<string, ThreadOptions> | undefined;
  readonly suspendInRequire: boolean;
}

/** How the loader was put in place. */
export type Door = 'register' | 'auto' | 'loader' | 'jest' | 'setup';

/** The loader's work so far. */
export interface ReplacementState {
  /** Whether imports are redirected. */
  readonly installed: boolean;
  /** Undefined until it is installed. */
  readonly door: Door | undefined;
  /** Names of what is replaced in what is imported from now on, without `node:`. */
  readonly replaced: readonly string[];
  /** Names of the modules that are in threads in what is imported from now on. */
  readonly inThread: readonly string[];
  /** Those of them that the program had imported before, natively. */
  readonly importedEarlier: readonly string[];
}

let lookAtReplacement: (() => ReplacementState) | undefined;

/** Has {@link replacementState} ask the loader. */
export function onReplacementState(look: () => ReplacementState): void {
  lookAtReplacement = look;
}

/** Gives the loader's work; undefined if there is no loader. */
export function replacementState(): ReplacementState | undefined {
  return lookAtReplacement?.();
}

const listeners: ((options: ResolvedOptions) => void)[] = [];
const startListeners: (() => void)[] = [];
const known = new Set<string>();

/** Calls `listener` at each `setup()`. */
export function onSetup(listener: (options: ResolvedOptions) => void): void {
  listeners.push(listener);
}

/** Calls `listener` when the backend has started, which happens once. */
export function onBackendStart(listener: () => void): void {
  startListeners.push(listener);
}

/** Runs the listeners of {@link onBackendStart}. */
export function announceBackend(): void {
  for (const listener of startListeners) listener();
}

/** Tells which builtins are replaced, so that `setup()` can check the names it is given. */
export function declareModules(names: Iterable<string>): void {
  for (const name of names) known.add(name);
}

/** Runs what {@link onSetup} collected. */
export function announceSetup(options: ResolvedOptions): void {
  for (const listener of listeners) listener(options);
}

/**
 * Checks names given to `setup()`; `node:` in front is fine.
 * @throws TypeError `AEVENT_UNKNOWN_MODULE` naming the valid ones, `AEVENT_INVALID_OPTIONS` for what is no array
 */
export function checkModuleNames(option: string, names: unknown): Set<string> {
  if (!Array.isArray(names)) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `setup({ ${option} }) takes an array of module names, not ${quoted(names)}.`,
    );
  }
  const result = new Set<string>();
  for (const given of names as unknown[]) {
    const name = typeof given === 'string' ? given.replace(/^node:/, '') : given;
    if (typeof name !== 'string' || !known.has(name)) {
      throw invalidArgument(
        'AEVENT_UNKNOWN_MODULE',
        `setup({ ${option} }): aevent does not replace ${quoted(given)}. It replaces: ${[...known].join(', ')}.`,
      );
    }
    result.add(name);
  }
  return result;
}
