// The class `Worker`, whose objects are threads or, with `{ task: true }`, tasks.

import type { WorkerOptions } from 'node:worker_threads';
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { AeventError } from '../../../runtime/base/errors.js';
import { each } from '../../../runtime/base/primordials.js';
import { symbolNamed } from '../../../runtime/base/symbol-named.js';
import { asInternal } from '../../../runtime/suspension/internally.js';
import { isOnCarrier } from '../../../runtime/suspension/native-core.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { HeldEmitter } from '../../kit/held-emitter.js';
import { noteDriver } from '../../kit/kin.js';
import { members } from '../../kit/prototype-members.js';
import { taskClass } from '../../kit/replace-class.js';
import { isTaken, seesFirst, wasSeen } from '../../kit/seen-first.js';
import { makeFromSource } from './source-worker.js';
import { programOf } from './task-modules.js';
import { isTask, taskOptions } from './task-options.js';
import { currentThread, TaskThread } from './task-thread.js';
import { keptMailOf, mailOf } from './worker-mail.js';

type RealWorker = typeof import('node:worker_threads').Worker;
type AnyWorker = InstanceType<RealWorker>;

const {
  MessagePort,
  receiveMessageOnPort,
  Worker: Real,
} = builtin<typeof import('node:worker_threads')>('worker_threads');
const { EventEmitter: RealEmitter } = builtin<typeof import('node:events')>('events');

/** The threads of those Workers that are tasks. */
const threads = new WeakMap<object, { readonly thread: TaskThread; readonly name: string }>();

/** Gives a member of Node's prototype its form for a Worker that is a task. */
const ofTasks: Record<string, (worker: AnyWorker, args: unknown[]) => unknown> = {};
for (const name of ['postMessage', 'ref', 'unref', 'terminate'] as const) {
  ofTasks[name] = (worker, args) => Reflect.apply(threadOf(worker)[name], threadOf(worker), args);
}
Object.assign(ofTasks, {
  threadId: (worker: AnyWorker) => threadOf(worker).threadId,
  threadName: (worker: AnyWorker) => (threadOf(worker).threadId < 0 ? null : threads.get(worker)?.name),
  resourceLimits: () => ({}),
  stdin: () => null,
  stdout: () => null,
  stderr: () => null,
});

/**
 * `Worker`: listeners run in tasks, `receiveMessageSync()` gets what the thread sends, and with `{ task: true }` the thread
 * is a task.
 */
export const Worker: RealWorker = taskClass(
  Real,
  {
    ...choosingByThread(),
    ...listenersInTasks(Real.prototype),
    ...members({
      [seesFirst](this: AnyWorker, event: string | symbol, value: unknown): boolean {
        if (event === 'error' && !isOnCarrier() && HeldEmitter.keepsOrder(this)) giveMessagesOf(this);
        return keptMailOf(this)?.see(event, value) ?? false;
      },
      emit(this: AnyWorker, event: string | symbol, ...args: unknown[]): boolean {
        if (!wasSeen(this) && isTaken(this, [event, ...each(args)])) return true;
        return Reflect.apply(Real.prototype.emit, this, [event, ...each(args)]);
      },
    }),
  },
  {
    callback: (fn) => fn,
    instead([file, options], target) {
      if (isTask(options)) return makeTask(file, options, target);
      if (typeof file !== 'string' || !(options as WorkerOptions | undefined)?.eval) return undefined;
      return makeFromSource(options as WorkerOptions, (complete) =>
        asInternal(() => Reflect.construct(Real, [file, complete], target)),
      );
    },
    after(made) {
      const worker = made as AnyWorker;
      for (const stream of each([worker.stdout, worker.stderr])) noteDriver(worker, stream);
      if (isOnCarrier()) mailOf(worker);
      currentThread()?.addChild(worker);
    },
  },
);

/**
 * Gives the messages that have come. A Worker's messages and its errors come by two ports. Node takes all that a port has, so an error
 * that comes while a listener of 'message' runs does so after what was posted before it. Here that listener may be suspended.
 */
function giveMessagesOf(worker: AnyWorker): void {
  const symbol = symbolNamed(worker, 'kPublicPort');
  const port: unknown = symbol && Reflect.get(worker, symbol);
  if (!(port instanceof MessagePort)) return;
  for (let next = nextOf(port); next !== undefined; next = nextOf(port)) worker.emit(next.event, next.value);
}

/** The next event of a port; undefined if nothing has come. */
function nextOf(port: MessagePort): { readonly event: string; readonly value: unknown } | undefined {
  try {
    const received = receiveMessageOnPort(port);
    return received && { event: 'message', value: received.message };
  } catch (error) {
    return { event: 'messageerror', value: error };
  }
}

/** @returns undefined for what Node refuses, which it does itself */
function makeTask(file: unknown, options: WorkerOptions, target: AnyFunction): AnyWorker | undefined {
  const checked = taskOptions(options);
  const program = programOf(file, checked.eval);
  if (program === undefined) return undefined;
  const worker = Reflect.construct(RealEmitter as unknown as AnyFunction, [], target) as AnyWorker;
  threads.set(worker, { thread: new TaskThread(worker, program, checked), name: checked.name });
  return worker;
}

function threadOf(worker: AnyWorker): TaskThread {
  return (threads.get(worker) as { thread: TaskThread }).thread;
}

/** Node's members, for Workers of both kinds. */
function choosingByThread(): PropertyDescriptorMap {
  const all: PropertyDescriptorMap = {};
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(Real.prototype))) {
    if (name === 'constructor') continue;
    const ofTask = ofTasks[name] ?? (() => Promise.reject(noThread(name)));
    const choosing = <F extends AnyFunction>(original: F): F =>
      disguise(original, (self, args) =>
        threads.has(self as object)
          ? ofTask(self as AnyWorker, args)
          : Reflect.apply(original, self, args as never),
      );
    if (descriptor.get === undefined) all[name] = { ...descriptor, value: choosing(descriptor.value) };
    else all[name] = { ...descriptor, get: choosing(descriptor.get) };
  }
  return all;
}

function noThread(what: string): AeventError {
  return new AeventError(
    'AEVENT_NO_THREAD',
    `worker.${what}() asks about a thread, but this Worker is a task. Leave \`task: true\` out.`,
  );
}
