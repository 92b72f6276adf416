// Chooses and starts the backend, and tests it before its first use.

import { builtin } from '../base/builtins.js';
import { messageOf, quoted } from '../base/describe.js';
import { AeventError, invalidArgument } from '../base/errors.js';
import { features } from '../base/features.js';
import { stackSizeKiB, usesAsyncContextFrame } from '../base/node-features.js';
import { callAddonsOnMain, prepareForAddons } from '../hazards/addon-calls.js';
import { followAddonScopes } from '../hazards/addon-scopes.js';
import { refuseFastCalls } from '../hazards/fast-api-calls.js';
import { jspiInUse, refuseJspi, watchJspi } from '../hazards/jspi.js';
import { watchForTls } from '../hazards/root-certificates.js';
import { findHandling } from '../hazards/uncaught-exception-flag.js';
import { guardRealms, watchRealms } from '../hazards/vm-realms.js';
import { type NativeBinding, Shared, type SwitchingBackend } from '../native/binding.js';
import { loadNative, staleness } from '../native/load.js';
import { forbidSuspensionInSqlite } from '../patching/sqlite.js';
import { preemptOptions } from '../preemption/options.js';
import { sliceAll } from '../preemption/slices.js';
import { reportDeadlockAtExit } from '../process-end/deadlock-report.js';
import { letExitHandlersSuspend } from '../process-end/exit-listeners.js';
import { startAsyncState } from '../suspension/async-hooks-stack.js';
import { contextFramesFailure, startContext } from '../suspension/context.js';
import { core } from '../suspension/native-core.js';
import { startPieces } from '../suspension/pieces.js';
import { hasPortal, whyMicrotaskScopesAreUnknown } from '../suspension/portal.js';
import { startRejections } from '../suspension/rejections.js';
import { followStorages, storageValuesState } from '../suspension/storage-values.js';
import { parkedOnCarriers, startSuspension } from '../suspension/suspension.js';
import { startTickQueue } from '../suspension/tick-queue.js';
import { testTicks } from '../suspension/ticks.js';
import { startChannels } from '../tooling/channels.js';
import { profileWatch, startCpuProfile } from '../tooling/cpu-profile.js';
import { watchInspector } from '../tooling/inspector.js';
import { collectionsState, skipParkedStacks } from './collections.js';
import { announceBackend } from './setup-listeners.js';
import { warnOfSilence } from './silence.js';

const process = builtin<typeof import('node:process')>('process');

/** `native`: nothing is suspended, every call runs as Node does it. */
export type BackendName = SwitchingBackend | 'native';

watchJspi();
watchRealms();
refuseFastCalls();

const names: readonly BackendName[] = ['fiber', 'thread', 'native'];
const switching: readonly SwitchingBackend[] = ['fiber', 'thread'];

/** The backend that runs, and why; part of `aevent.info()`. */
export interface BackendState {
  backend: BackendName | undefined;
  reason: string;
  /** Each part that depends on internals of V8 or Node: `on`, or why it is off. */
  features: Record<string, string>;
  shared: Float64Array | undefined;
}

const environment = 'AEVENT_BACKEND';

/**
 * Bytes of a stack below V8's limit, for native code: as much as Node leaves to it in Workers. The smaller stacks are, the more
 * of them share a page of the page table.
 */
const nativeKiB = 192;

const state: BackendState = {
  backend: undefined,
  reason: 'not started yet',
  features,
  shared: undefined,
};
let requested: { name: BackendName; by: string } | undefined;

/** The result of {@link startBackend}. */
export function backendState(): Readonly<BackendState> {
  if (state.shared !== undefined && !usesAsyncContextFrame) features.asyncStores = storageValuesState();
  if (core.binding !== undefined) features.collections = collectionsState(core.binding);
  return state;
}

/**
 * Asks for a backend; the first one asked for, or in `AEVENT_BACKEND`, is the process's.
 * @throws TypeError `AEVENT_UNKNOWN_BACKEND`; {@link AeventError} `AEVENT_BACKEND_CONFLICT` if another one was chosen
 */
export function requestBackend(name: unknown, by: string): void {
  if (!names.includes(name as BackendName)) {
    throw invalidArgument(
      'AEVENT_UNKNOWN_BACKEND',
      `${by} names the backend ${quoted(name)}. Valid are: ${workingBackends().join(', ')}.`,
    );
  }
  if (by !== environment) requestFromEnvironment();
  const chosen = state.backend ?? requested?.name;
  if (chosen !== undefined && chosen !== name) {
    throw new AeventError(
      'AEVENT_BACKEND_CONFLICT',
      `${by} asks for the backend '${name}', but this process already has '${chosen}' (${requested === undefined ? state.reason : `${requested.by} asks for it`}). ` +
        'One process has one backend: ask for it once.',
    );
  }
  requested ??= { name: name as BackendName, by };
  if (name === 'thread') prepareForAddons();
}

/**
 * Starts the backend at the first call; later calls do nothing.
 * @throws TypeError if the one that was asked for can't work here; {@link AeventError} `AEVENT_NO_BINARY` if there is
 *   no native addon for this Node
 */
export function startBackend(): void {
  if (state.backend !== undefined) return;
  chooseBackend();
  if (requested?.name !== 'native') warnOfSilence(state.backend === 'native' ? state.reason : '');
}

function chooseBackend(): void {
  preemptOptions();
  requestFromEnvironment();
  if (requested?.name === 'native') {
    startContext(undefined);
    chose('native', `${requested.by} asks for it`);
    return;
  }
  let binding: NativeBinding;
  try {
    binding = loadNative();
  } catch (error) {
    // Where there is none to be had, a program is to run all the same; warnOfSilence() says so.
    if (requested !== undefined || process.platform !== 'win32') throw error;
    startContext(undefined);
    chose('native', messageOf(error).replace(/\.$/, ''));
    return;
  }
  const stale = staleness(binding);
  if (stale !== '') {
    if (requested !== undefined) throw new AeventError('AEVENT_NO_BINARY', stale);
    startContext(undefined);
    chose('native', stale.replace(/\.$/, ''));
    return;
  }
  if (requested !== undefined) {
    const failure = tryBackend(binding, requested.name as SwitchingBackend);
    if (failure !== '') {
      throw invalidArgument(
        'AEVENT_BACKEND_UNAVAILABLE',
        `${requested.by} asks for the backend '${requested.name}', which can't work here: ${failure}. ` +
          `Valid are: ${workingBackends(requested.name).join(', ')}.`,
      );
    }
    chose(requested.name, `${requested.by} asks for it`);
    return;
  }
  const failures: string[] = [];
  for (const name of switching) {
    const failure = tryBackend(binding, name);
    if (failure === '') {
      chose(name, failures.length === 0 ? 'the fastest one' : failures.join('; '));
      return;
    }
    failures.push(`${name}: ${failure}`);
  }
  startContext(undefined);
  chose('native', failures.join('; '));
}

function requestFromEnvironment(): void {
  const name = process.env[environment];
  if (requested === undefined && name !== undefined && name !== '') requestBackend(name, environment);
}

function chose(name: BackendName, reason: string): void {
  state.backend = name;
  state.reason = reason;
  if (name === 'native') core.whyNone = reason;
  announceBackend();
}

/** The backends that can work here; `native` always does. */
function workingBackends(but?: string): BackendName[] {
  return names.filter((name) => name !== but && (name === 'native' || unsupported(name) === ''));
}

function unsupported(name: SwitchingBackend): string {
  try {
    return loadNative().unsupported(name);
  } catch (error) {
    return (error as Error).message;
  }
}

// Empty if it works. What it switched on is switched off again if not.
function tryBackend(binding: NativeBinding, name: SwitchingBackend): string {
  const unsupported = binding.unsupported(name);
  if (unsupported !== '') return unsupported;
  if (jspiInUse())
    return 'this thread has used WebAssembly.promising(), whose stacks V8 cannot keep beside others';
  const handling = name === 'fiber' ? findHandling(binding) : '';
  if (handling !== '') return handling;
  try {
    const shared = binding.start(name, (stackSizeKiB + nativeKiB) * 1024);
    const failure = selfTest(binding, shared) || requireAsyncState(binding, shared);
    if (failure !== '') {
      binding.stop();
      return failure;
    }
    startParts(name, binding, shared);
  } catch (error) {
    // Nothing of it is in use yet: the next try begins anew.
    binding.stop();
    if (error instanceof AeventError) throw error;
    return `it could not be started (${messageOf(error)})`;
  }
  startExtras(binding, name);
  if (name === 'thread') forbidSuspensionInSqlite();
  return '';
}

/** The parts that tasks need. The last step puts them in use. */
function startParts(name: SwitchingBackend, binding: NativeBinding, shared: Float64Array): void {
  features.callbackScopeDepth = binding.probeCallbackDepth() || 'on';
  const pump = binding.installPump();
  features.pump = pump || 'on';
  if (name === 'fiber') features.sharedMappings = binding.sharedMappings() || 'on';
  features.pieces = startPieces(binding.finishedMicrotasks(), binding.loopTurns()) || 'on';
  startContext(binding);
  if (usesAsyncContextFrame) features.contextFrames = contextFramesFailure() || 'on';
  else binding.ownContinuation();
  startCpuProfile(binding);
  startSuspension(binding, shared, pump === '', features.callbackScopeDepth === 'on');
  features.microtaskScopes = whyMicrotaskScopesAreUnknown() || 'on';
  state.shared = shared;
}

/** The parts that tasks can do without: a program may have frozen the object that a part has to be put into. */
function startExtras(binding: NativeBinding, name: SwitchingBackend): void {
  extra('channels', startChannels);
  extra('deadlockReport', reportDeadlockAtExit);
  extra('suspendInExitHandlers', letExitHandlersSuspend);
  extra('rootCertificates', watchForTls);
  extra('asyncStores', () => followStorages(hasPortal));
  features.heldRejections = 'on';
  extra('heldRejections', () => startRejections(parkedOnCarriers));
  features.tickQueue = 'on';
  extra('tickQueue', startTickQueue);
  features.ticks = 'on';
  extra('ticks', testTicks);
  extra('inspector', () => watchInspector(binding, profileWatch));
  extra('realms', () => void Object.assign(features, guardRealms()));
  extra('jspi', refuseJspi);
  features.addonScopes = 'on';
  extra('addonScopes', () => followAddonScopes(binding, name === 'thread'));
  if (name === 'thread') {
    features.addonCalls = 'on';
    extra('addonCalls', () => callAddonsOnMain(binding));
  }
  extra('preemption', sliceAll);
}

/** Does `start`, and notes in `info().features` why not where it throws or says so. */
function extra(name: string, start: () => unknown): void {
  let failure: unknown;
  try {
    failure = start();
  } catch (error) {
    failure = messageOf(error);
  }
  if (typeof failure === 'string' && failure !== '') features[name] = `off: ${failure}`;
}

// Without it a suspension inside an async scope could end the process, so there is no backend without it.
function requireAsyncState(binding: NativeBinding, shared: Float64Array): string {
  const failure = startAsyncState(binding, shared);
  features.asyncHooksStack = failure || 'on';
  return failure;
}

// A carrier is entered, parks below a builtin, is woken and finishes; an error does not leave it.
function selfTest(binding: NativeBinding, shared: Float64Array): string {
  const steps: unknown[] = [];
  let carrier = 0;
  let collections = '';
  const entered = binding.enter(() => {
    carrier = shared[Shared.current] as number;
    state.features.stackLimit = binding.probeStackLimit() || 'on';
    collections = binding.findParkedStacks();
    steps.push(
      [2, 1].sort((a, b) => {
        binding.park();
        return a - b;
      })[0],
    );
    try {
      throw new Error('self-test');
    } catch (error) {
      steps.push((error as Error).message);
    }
  });
  if (entered < 0) return binding.refusal();
  steps.push('parked');
  skipParkedStacks(binding, collections || binding.checkParkedStacks());
  for (let turns = 0; turns < 3 && binding.wake(carrier); turns++) binding.drain();
  const seen = steps.join();
  return seen === 'parked,1,self-test' && shared[Shared.current] === 0
    ? ''
    : `the self-test went wrong (${seen})`;
}
