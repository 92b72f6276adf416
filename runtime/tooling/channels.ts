// The channels of node:diagnostics_channel on which aevent tells what tasks do: tracing channels `aevent:task`, `aevent:wait`,
// `aevent:slice` and `aevent:blocking`. Nothing is watched before something has subscribed. Subscribers run in the task and
// must not suspend. Guarded by test/runtime/tooling/channels.test.ts.
import { builtin } from '../base/builtins.js';
import { systemClock } from '../base/clock.js';
import { each, exec } from '../base/primordials.js';
import { replaceMethod } from '../base/replace-method.js';
import type { Context } from '../suspension/context.js';
import { type ObservedWait, type Observer, observe, type TaskEnd } from '../suspension/observer.js';
import { withoutSuspension } from '../suspension/portal.js';
import type { TaskInfo } from '../suspension/scope.js';
import { SLICE } from '../suspension/wait-kinds.js';

type Diagnostics = typeof import('node:diagnostics_channel');
type Channel = ReturnType<Diagnostics['channel']>;

/** A task, as messages name it. */
export interface TaskName {
  readonly id: number;
  readonly name: string;
}

/** The message of `aevent:task`: `start` when its function is called, `error` if it failed, `end`. The three get one object. */
export interface TaskMessage extends TaskName {
  /** The task that has started it. */
  readonly parent: TaskName | undefined;
  /** Times are milliseconds of `performance.now()`. */
  readonly spawnedMs: number;
  startedMs: number | undefined;
  endedMs: number | undefined;
  /** From `end` on. */
  status: TaskEnd | undefined;
  /** The error that a failed task has thrown. */
  error: unknown;
}

/** The message of `aevent:wait`: `start` when a call suspends, `end` when it goes on. Both get one object. */
export interface WaitMessage {
  /** The call and what it waits for, e.g. `fs.readFileSync`. */
  readonly what: string;
  /** The first word of that, e.g. `fs`: a bounded number of values, for labels. */
  readonly kind: string;
  /** Undefined for a callback that belongs to no task. */
  readonly task: TaskName | undefined;
  readonly startedMs: number;
  /** When what it waited for had happened. */
  readyMs: number | undefined;
  endedMs: number | undefined;
  cancelled: boolean;
}

/** The message of `aevent:slice`: `start` and `end` of a stretch that runs without suspending. Both get one object. */
export interface SliceMessage {
  readonly task: TaskName | undefined;
  /** The name of a callback's function. */
  readonly callback: string | undefined;
  readonly startedMs: number;
  durationMs: number | undefined;
  /** From `end` on: it ended since its time was up, in the middle of computing. */
  sliced: boolean;
}

/** The channels of one subject: those of Node's `TracingChannel` that are used. */
interface Channels {
  readonly start: Channel;
  readonly end: Channel;
  readonly error: Channel;
}

/** Held here: Node keeps a channel that has no subscriber only weakly, and one that is subscribed to later would be another. */
let subjects: Record<'task' | 'wait' | 'slice' | 'blocking', Channels> | undefined;

/** The loop may be blocked before the first task. */
function channels(): NonNullable<typeof subjects> {
  if (subjects !== undefined) return subjects;
  const { tracingChannel } = builtin<Diagnostics>('diagnostics_channel');
  const open = (name: string): Channels => tracingChannel(`aevent:${name}`) as unknown as Channels;
  subjects = { task: open('task'), wait: open('wait'), slice: open('slice'), blocking: open('blocking') };
  return subjects;
}

/** Publishes that the loop was blocked, on `tracing:aevent:blocking:end`. */
export function publishBlocking(message: object): void {
  publish(channels().blocking.end, message);
}

/** Gives what a wait's name begins with: `fs` of `fs.readFileSync "/path"`. */
export function kindOfWait(what: string): string {
  return exec(/^[\w-]+/, what)?.[0] ?? 'other';
}

/** Watches tasks from the moment that something has subscribed to one of the channels. */
export function startChannels(): void {
  const opened = channels();
  let watching = false;
  const watch = (): void => {
    if (!watching) observe(publishing(opened));
    watching = true;
  };
  for (const { start, end, error } of [opened.task, opened.wait, opened.slice])
    for (const channel of [start, end, error]) onSubscription(channel, watch);
}

/** Calls `fn` with the first subscription, or at once if there is one. Until then a channel's methods are its prototype's. */
function onSubscription(channel: Channel, fn: () => void): void {
  if (channel.hasSubscribers) {
    fn();
    return;
  }
  for (const method of ['subscribe', 'bindStore'] as const) {
    if (!(method in channel)) continue;
    const value = (...args: unknown[]): unknown => {
      delete (channel as { subscribe?: unknown }).subscribe;
      delete (channel as { bindStore?: unknown }).bindStore;
      fn();
      return Reflect.apply(channel[method] as () => unknown, channel, args as []);
    };
    replaceMethod(channel, method, value);
  }
}

function publish(channel: Channel, message: object): void {
  if (!channel.hasSubscribers) return;
  withoutSuspension(() => channel.publish(message), 'a subscriber of a diagnostics channel is being called');
}

function publishing({ task, wait, slice }: Record<'task' | 'wait' | 'slice', Channels>): Observer {
  const tasks = new Map<number, TaskMessage>();
  const waits = new Map<ObservedWait, WaitMessage>();
  const slices: (SliceMessage | undefined)[] = [];
  const now = (): number => systemClock.now();
  const nameOfTask = (info: TaskInfo | undefined): TaskName | undefined =>
    info && { id: info.id, name: info.name };
  const messageOf = (info: TaskInfo, by: Context | undefined): TaskMessage => ({
    id: info.id,
    name: info.name,
    parent: nameOfTask(by?.task),
    spawnedMs: now(),
    startedMs: undefined,
    endedMs: undefined,
    status: undefined,
    error: undefined,
  });
  const isHeard = (channels: Channels): boolean => {
    for (const channel of each([channels.start, channels.end, channels.error]))
      if (channel.hasSubscribers) return true;
    return false;
  };
  const beginSlice = (carrier: number, context: Context, callback: string | undefined): void => {
    if (!isHeard(slice)) return;
    const message: SliceMessage = {
      task: nameOfTask(context.task),
      callback,
      startedMs: now(),
      durationMs: undefined,
      sliced: false,
    };
    slices[carrier] = message;
    publish(slice.start, message);
  };
  const endSlice = (carrier: number, sliced = false): void => {
    const message = slices[carrier];
    if (message === undefined) return;
    slices[carrier] = undefined;
    message.durationMs = now() - message.startedMs;
    message.sliced = sliced;
    publish(slice.end, message);
  };
  return {
    spawned(info, by) {
      if (isHeard(task)) tasks.set(info.id, messageOf(info, by));
    },
    begins(carrier, context, callback) {
      const info = context.task;
      if (info !== undefined && callback === undefined) {
        const message = tasks.get(info.id);
        if (message !== undefined) {
          message.startedMs = now();
          publish(task.start, message);
        }
      }
      beginSlice(carrier, context, callback);
    },
    suspends(carrier, waiting) {
      endSlice(carrier, waiting.what === SLICE);
      if (!isHeard(wait)) return;
      const message: WaitMessage = {
        what: waiting.what,
        kind: kindOfWait(waiting.what),
        task: nameOfTask(waiting.context.task),
        startedMs: now(),
        readyMs: undefined,
        endedMs: undefined,
        cancelled: false,
      };
      waits.set(waiting, message);
      publish(wait.start, message);
    },
    wakes(waiting) {
      const message = waits.get(waiting);
      if (message !== undefined) message.readyMs = now();
    },
    cancels(waiting) {
      const message = waits.get(waiting);
      if (message !== undefined) message.cancelled = true;
    },
    goesOn(carrier, waiting) {
      const message = waits.get(waiting);
      if (message !== undefined) {
        waits.delete(waiting);
        message.endedMs = now();
        publish(wait.end, message);
      }
      beginSlice(carrier, waiting.context, undefined);
    },
    ends: (carrier) => endSlice(carrier),
    ended(info, end, error) {
      const message = tasks.get(info.id);
      if (message === undefined) return;
      tasks.delete(info.id);
      message.status = end;
      message.endedMs = now();
      if (end === 'failed') {
        message.error = error;
        publish(task.error, message);
      }
      publish(task.end, message);
    },
  };
}
