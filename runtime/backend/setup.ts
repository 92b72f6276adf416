// `setup()`: the options of a program.
import { describe, quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { type Policy, setMaxBlockMs, setPolicy } from '../patching/cheap-calls.js';
import { setPreemptOptions } from '../preemption/options.js';
import { sliceAll } from '../preemption/slices.js';
import { setExitTimeoutMs } from '../process-end/exit-listeners.js';
import { excludeModules } from '../suspension/portal.js';
import { forceCpuProfile } from '../tooling/cpu-profile.js';
import { type BackendName, requestBackend, startBackend } from './backend.js';
import { checkModulesInThreads, type ModulesInThreads } from './in-thread-options.js';
import { announceSetup, checkModuleNames } from './setup-listeners.js';
import { setBlocking } from './tools.js';

/** Options of {@link setup}. */
export interface SetupOptions {
  /** Default: `AEVENT_BACKEND`, else `fiber` where it works, else `thread`. */
  backend?: BackendName;
  /** Builtins that stay native, e.g. `['fs']`. */
  exclude?: readonly string[];
  /** Only these builtins are replaced. Default: all that aevent replaces. */
  include?: readonly string[];
  /**
   * Packages, and `node:sqlite`, that a program gets in threads, as by `inThread()`; names, or an object of options by name.
   * Default: `AEVENT_IN_THREAD`, a list with commas.
   */
  inThread?: ModulesInThreads;
  /** Lets code that `require()` evaluates inside a task suspend. Default: false. */
  suspendInRequire?: boolean;
  /** Milliseconds that cheap calls may take before the event loop turns; finite and >= 0. Default: 1. */
  maxBlockMs?: number;
  /**
   * Has what runs in tasks appear in CPU profiles that aevent cannot notice, as those of a native profiler; `false`
   * keeps it out of all. Default: `AEVENT_PROFILE=1`, else while a profile is noticed.
   */
  profile?: boolean;
  /**
   * Says once a place what keeps the event loop from turning for so many milliseconds; 0: nothing is watched. Default:
   * `AEVENT_DEBUG=blocking`, else 0.
   */
  blocking?: number;
  /** How cheap calls are treated, by module: `auto` (default), `always` or `never`. */
  policy?: Record<string, Policy>;
  /**
   * Milliseconds that handlers of 'exit' and of `aevent/atexit` may stay suspended before the process ends, all together;
   * >= 0, or Infinity. Then their waits are cancelled, and stderr says so. Default: 10,000.
   */
  exitTimeoutMs?: number;
  /**
   * Has every task put aside whenever it has kept the event loop for a slice; a number is the slice's milliseconds. Code that
   * relies on being alone between two checkpoints breaks. Default: `AEVENT_PREEMPT`, else false.
   */
  preempt?: boolean | number;
  /** Milliseconds of a slice, also of `preemptible()`; finite and >= 0. Default: 5. */
  sliceMs?: number;
}

const optionNames = [
  'backend',
  'exclude',
  'include',
  'inThread',
  'suspendInRequire',
  'maxBlockMs',
  'policy',
  'exitTimeoutMs',
  'profile',
  'preempt',
  'sliceMs',
  'blocking',
];

/**
 * Chooses the backend and what is replaced, and puts the loader in place for whatever is imported after it.
 * Idempotent; not a checkpoint. A backend that is named is started and tested at once, any other with the first task.
 * @param options - or just the backend's name
 * @throws TypeError for an unknown option, backend or module, or a backend that can't work here
 * @throws {@link AeventError} `AEVENT_BACKEND_CONFLICT` if the process already has another backend
 */
export function setup(options: SetupOptions | BackendName = {}): void {
  const given: SetupOptions = typeof options === 'string' ? { backend: options } : options;
  if (typeof given !== 'object' || given === null) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `setup() takes an object or a backend's name, not ${describe(options)}.`,
    );
  }
  for (const name of Object.keys(given)) {
    if (optionNames.includes(name)) continue;
    throw invalidArgument(
      'AEVENT_UNKNOWN_OPTION',
      `setup() has no option ${quoted(name)}. It has: ${optionNames.join(', ')}.`,
    );
  }
  const exclude = checkModuleNames('exclude', given.exclude ?? []);
  const include = given.include === undefined ? undefined : checkModuleNames('include', given.include);
  if (given.policy !== undefined && (typeof given.policy !== 'object' || given.policy === null)) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `setup({ policy }) takes an object such as { fs: 'never' }, not ${quoted(given.policy)}.`,
    );
  }
  const inThread =
    given.inThread === undefined ? undefined : checkModulesInThreads('setup({ inThread })', given.inThread);
  const policies = Object.entries(given.policy ?? {});
  checkModuleNames(
    'policy',
    policies.map(([name]) => name),
  );
  if (given.suspendInRequire !== undefined && typeof given.suspendInRequire !== 'boolean') {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `setup({ suspendInRequire }) takes true or false, not ${quoted(given.suspendInRequire)}.`,
    );
  }
  if (given.profile !== undefined && typeof given.profile !== 'boolean') {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `setup({ profile }) takes true or false, not ${describe(given.profile)}.`,
    );
  }
  if (given.backend !== undefined) requestBackend(given.backend, 'setup()');
  if (given.maxBlockMs !== undefined) setMaxBlockMs(given.maxBlockMs);
  if (given.exitTimeoutMs !== undefined) setExitTimeoutMs(given.exitTimeoutMs);
  setPreemptOptions(given.preempt, given.sliceMs);
  for (const [name, policy] of policies) setPolicy(name.replace(/^node:/, ''), policy);
  if (given.profile !== undefined) forceCpuProfile(given.profile);
  if (given.blocking !== undefined) setBlocking(given.blocking, 'setup({ blocking })');
  excludeModules(exclude);
  announceSetup({ exclude, include, inThread, suspendInRequire: given.suspendInRequire ?? false });
  if (given.backend !== undefined) startBackend();
  sliceAll();
}
