// `info()`: what runs, and what is off and why.
import { type BackendName, backendState } from '../backend/backend.js';
import { type Door, replacementState } from '../backend/setup-listeners.js';
import { Shared } from '../native/binding.js';
import { type PreemptionInfo, preemptionInfo } from '../preemption/slices.js';
import { counters } from '../suspension/suspension.js';
import { type Blocking, blocking } from '../tooling/blocking.js';
import { about } from '../tooling/trace-recorder.js';
import { Task } from './task.js';

/** The result of {@link info}. */
export interface Info {
  /** Undefined until the first task starts. */
  readonly backend: BackendName | undefined;
  /** Why it is this one. */
  readonly reason: string;
  /** Each part that depends on internals of V8 or Node: `on`, or why it is off. */
  readonly features: Readonly<Record<string, string>>;
  /** Whether imports are redirected to what aevent replaces. */
  readonly installed: boolean;
  /** The door that has put that in place: `aevent/register`, `aevent/auto`, `aevent/loader`, `aevent/jest`, or `setup()`. */
  readonly door: Door | undefined;
  /** The modules that are replaced in whatever is imported from now on. */
  readonly replaced: readonly string[];
  /** The modules that are in threads in whatever is imported from now on: `setup({ inThread })`, `AEVENT_IN_THREAD`. */
  readonly inThread: readonly string[];
  /** Those of them that the program had imported before, and that block where it calls them. */
  readonly importedEarlier: readonly string[];
  /** How many tasks there are, and how many of them are suspended. */
  readonly tasks: { readonly live: number; readonly parked: number };
  /** How many stacks were made, how many wait for a task, and how often one was switched to. */
  readonly carriers: { readonly made: number; readonly idle: number; readonly switches: number };
  /** The slices that were taken so far, and the places that could not be sliced: see `preemptible()`. */
  readonly preemption: PreemptionInfo;
  /** The places that have kept the event loop from turning; undefined unless `setup({ blocking })` or `AEVENT_DEBUG=blocking` asks for it. */
  readonly blocking: Blocking | undefined;
  /** How often something happened that costs speed. */
  readonly counters: {
    /** Carriers that could not be had: the system gave no stack or no thread. */
    readonly carriersRefused: number;
    /** Callbacks that ran natively since no carrier could be had. */
    readonly enteredNatively: number;
    /** Events that waited for suspended code which had made their emitter, or was given it, and may yet listen for them. */
    readonly eventsHeld: number;
  };
}

const notReplaced = { installed: false, door: undefined, replaced: [], inThread: [], importedEarlier: [] };

/** Tells what runs, and what is off and why. Not a checkpoint. */
export function info(): Info {
  const { backend, reason, features, shared } = backendState();
  const read = (index: number): number => shared?.[index] ?? 0;
  return {
    backend,
    reason,
    features: { ...features },
    ...(replacementState() ?? notReplaced),
    tasks: { live: Task.live.size, parked: read(Shared.parked) },
    carriers: { made: read(Shared.carriers), idle: read(Shared.idle), switches: read(Shared.switches) },
    preemption: preemptionInfo(),
    blocking: blocking(),
    counters: { carriersRefused: read(Shared.refused), ...counters },
  };
}

about.by = info;

/** How often a stack was switched to: it goes up whenever a task or a microtask runs. */
export function switches(): number {
  return backendState().shared?.[Shared.switches] ?? 0;
}
