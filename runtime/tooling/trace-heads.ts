// The parts of the trace's events that do not change. Names are few and come often: what is made of them is kept.
import { cut, startsWith } from '../base/primordials.js';
import type { TaskEnd } from '../suspension/observer.js';
import { SLICE } from '../suspension/wait-kinds.js';
import { kindOfWait } from './channels.js';
import { headOf, type Part, partOf } from './trace-file.js';

/** Of a name, no more is written. */
export const MOST_OF_NAME = 200;

/** How the events of waits of one name begin and end. There are few names, and they come often. */
export interface WaitName {
  readonly begin: Part;
  readonly end: Part;
  readonly tail: Part;
  /** Of work that is done elsewhere. */
  readonly track: { readonly begin: Part; readonly end: Part; readonly tail: Part } | undefined;
}

export const head = (phase: string, name: string): Part => headOf(phase, JSON.stringify(name));

export const RUNNING: Part = head('X', 'running');
export const RUN: Part = partOf(',"cat":"run","dur":');
export const READY: Part = head('X', 'ready');
export const READY_FOR: Part = partOf(',"cat":"ready","dur":');
export const SPAWN: Part = head('s', 'spawn');
export const SPAWNS: Part = partOf(',"cat":"spawn","id":');
export const SPAWNED: Part = head('i', 'spawned');
export const BEGUN: Part = head('f', 'spawn');
export const BEGINS: Part = partOf(',"cat":"spawn","bp":"e","id":');
export const CANCELLED: Part = head('i', 'cancelled');
export const ENDS: Readonly<Record<TaskEnd, Part>> = {
  succeeded: head('i', 'succeeded'),
  failed: head('i', 'failed'),
  cancelled: CANCELLED,
};
export const TURN: Part = head('X', 'turn');
export const TURNED_FOR: Part = partOf(',"cat":"loop","dur":');
export const COLLECTED_FOR: Part = partOf(',"cat":"gc","dur":');
export const OF_LANE: Part = partOf(',"s":"t"}');
/** Names that are kept; of more, all are forgotten. */
const MOST_NAMES = 10_000;

const waitNames = new Map<string, WaitName>();
const callbackHeads = new Map<string, Part>();
const spawners = new Map<string, Part>();

/** Gives the parts of a wait's events. */
export function waitName(what: string): WaitName {
  const known = waitNames.get(what);
  if (known !== undefined) return known;
  const name = JSON.stringify(cut(what, MOST_OF_NAME));
  const track = trackOf(what);
  const made: WaitName = {
    begin: headOf('B', name),
    end: headOf('E', name),
    tail: partOf(what === SLICE ? ',"cat":"slice"}' : ',"cat":"wait"}'),
    track:
      track === ''
        ? undefined
        : { begin: headOf('b', name), end: headOf('e', name), tail: partOf(`,"cat":"${track}","id":`) },
  };
  return keep(waitNames, what, made);
}

/** How the run of a callback of that name begins. */
export function callbackHead(name: string): Part {
  return callbackHeads.get(name) ?? keep(callbackHeads, name, head('X', cut(name, MOST_OF_NAME)));
}

/** How the event of a task ends that a task of that name has spawned. */
export function spawnedBy(name: string): Part {
  const known = spawners.get(name);
  if (known !== undefined) return known;
  const json = JSON.stringify(cut(name, MOST_OF_NAME));
  return keep(spawners, name, partOf(`,"s":"t","args":{"by":${json}}}`));
}

/** The track of work that is done elsewhere: in libuv's pool, or in a child. */
function trackOf(what: string): string {
  if (startsWith(what, 'child process') || startsWith(what, 'waitSync')) return 'child';
  const kind = kindOfWait(what);
  return kind === 'fs' || kind === 'crypto' || kind === 'zlib' || kind === 'dns' ? 'pool' : '';
}

function keep<T>(kept: Map<string, T>, name: string, value: T): T {
  if (kept.size >= MOST_NAMES) kept.clear();
  kept.set(name, value);
  return value;
}
