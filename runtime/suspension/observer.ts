// Where tools hang themselves in that watch tasks: the timeline and the diagnostics channels. Where none does, each place that
// tells of something looks at one property. What an observer does is done in the running task: it must neither suspend nor throw.
import { nameOf } from '../base/describe.js';
import { each, filter } from '../base/primordials.js';
import type { Context } from './context.js';
import { inMicrotask } from './native-core.js';
import type { TaskInfo } from './scope.js';

/** How a task ended. */
export type TaskEnd = 'succeeded' | 'failed' | 'cancelled';

/** A suspended call, as an observer sees it. */
export interface ObservedWait {
  /** Names the wait, e.g. `fs.readFileSync`. */
  readonly what: string;
  readonly context: Context;
}

/** Hears what happens to tasks. A *run* is code of one stack from where it begins, or goes on, to where it suspends or ends. */
export interface Observer {
  /** A task was made in `by`. */
  spawned(task: TaskInfo, by: Context | undefined): void;
  /** A run begins: of a task, or of a callback, which has that name. */
  begins(carrier: number, context: Context, callback: string | undefined): void;
  /** The run ends by a suspension. */
  suspends(carrier: number, wait: ObservedWait): void;
  /** The wait is settled: the task is ready. */
  wakes(wait: ObservedWait): void;
  /** The wait was cancelled, which wakes it. */
  cancels(wait: ObservedWait): void;
  /** A run begins with the end of a wait. */
  goesOn(carrier: number, wait: ObservedWait): void;
  /** The run ends: its function has returned or thrown, or the rest of its microtask is done. */
  ends(carrier: number): void;
  /** The task has ended. */
  ended(task: TaskInfo, end: TaskEnd, error: unknown): void;
}

/** How many runs have begun on a carrier, or ended by a suspension. */
const runs: number[] = [];

/** Of which carriers {@link endRun} is going to tell the end. */
const willEnd: boolean[] = [];

/** To be called where a task's function begins, or a callback in a context of its own. */
export function beginRun(carrier: number, context: Context | undefined, callback?: object): void {
  if (observing.by === undefined || context === undefined) return;
  runs[carrier] = (runs[carrier] ?? 0) + 1;
  willEnd[carrier] = true;
  observing.by.begins(carrier, context, callback && nameOf(callback));
}

/** To be called where it has returned or thrown. */
export function endRun(carrier: number): void {
  if (observing.by === undefined) return;
  willEnd[carrier] = false;
  observing.by.ends(carrier);
}

/**
 * To be called where a wait has ended.
 * A suspended microtask has an end that nothing tells: the hub resumes one only when none is queued.
 */
export function goOnWithRun(carrier: number, wait: ObservedWait): void {
  if (observing.by === undefined) return;
  observing.by.goesOn(carrier, wait);
  if (willEnd[carrier] === true) return;
  const run = (runs[carrier] ?? 0) + 1;
  runs[carrier] = run;
  inMicrotask(() => {
    if (runs[carrier] === run) endRun(carrier);
  });
}

/** The observer; undefined where there is none. One object: the names that a bundled module exports are constants. */
export const observing: { by: Observer | undefined } = { by: undefined };

let observers: readonly Observer[] = [];

/** Has `observer` hear of everything from now on. */
export function observe(observer: Observer): void {
  use([...each(observers), observer]);
}

/** Has it hear no more. */
export function unobserve(observer: Observer): void {
  use(filter(observers, (other) => other !== observer));
}

function use(list: readonly Observer[]): void {
  willEnd.length = 0;
  observers = list;
  observing.by = list.length > 1 ? toAll(list) : list[0];
}

function toAll(list: readonly Observer[]): Observer {
  const tell = (what: (observer: Observer) => void): void => {
    for (const observer of each(list)) what(observer);
  };
  return {
    spawned: (task, by) => tell((one) => one.spawned(task, by)),
    begins: (carrier, context, callback) => tell((one) => one.begins(carrier, context, callback)),
    suspends: (carrier, wait) => tell((one) => one.suspends(carrier, wait)),
    wakes: (wait) => tell((one) => one.wakes(wait)),
    cancels: (wait) => tell((one) => one.cancels(wait)),
    goesOn: (carrier, wait) => tell((one) => one.goesOn(carrier, wait)),
    ends: (carrier) => tell((one) => one.ends(carrier)),
    ended: (task, end, error) => tell((one) => one.ended(task, end, error)),
  };
}
