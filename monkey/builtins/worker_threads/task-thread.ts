// A Worker that is a task: its file runs in this isolate, as a runner with module instances of its own.

import type { MessagePort, Worker } from 'node:worker_threads';
import { builtin, globals } from '../../../runtime/base/builtins.js';
import { Cancelled } from '../../../runtime/base/errors.js';
import { replaceMethod } from '../../../runtime/base/replace-method.js';
import type { CancelScope } from '../../../runtime/cancellation/cancel-scope.js';
import { type Container, contain, containerOf } from '../../../runtime/suspension/containment.js';
import { runInContext } from '../../../runtime/suspension/context.js';
import { asInternal } from '../../../runtime/suspension/internally.js';
import { runner } from '../../../runtime/tasks/runner.js';
import { members } from '../../kit/prototype-members.js';
import { evaluate, type Program, separateModules } from './task-modules.js';
import type { TaskOptions } from './task-options.js';

const real = builtin<typeof import('node:worker_threads')>('worker_threads');
const process = builtin<NodeJS.Process>('process');

/** The ids of threads that are tasks begin above all that Node gives, and differ between Node's threads. */
const FIRST_ID = (real.threadId + 1) * 2 ** 32;

let started = 0;

/** One such thread. */
export class TaskThread implements Container {
  readonly mark: string;
  readonly cache: NodeJS.Dict<NodeModule> = Object.create(null);
  readonly entry: string | undefined;
  readonly process: Container['process'];
  /** The exports of `node:worker_threads` that differ for the modules of the thread. */
  readonly view: {
    readonly isMainThread: false;
    readonly parentPort: MessagePort;
    readonly workerData: unknown;
    readonly threadId: number;
    readonly resourceLimits: object;
  };
  readonly #worker: Worker;
  readonly #program: Program;
  readonly #port: MessagePort;
  readonly #children = new Set<Worker>();
  readonly #exited: Promise<number>;
  #scope: CancelScope | undefined;
  /** Set when it ends, by itself or not. */
  #exitCode: number | undefined;
  #stopped = false;
  #failure: { readonly error: unknown } | undefined;
  #running = true;
  #held = false;
  #drained = false;
  #changed = (): void => {};
  #onExit = (_: number): void => {};

  /** @throws Node's errors for a program, or data, that cannot be given to a Worker; nothing was started then */
  constructor(worker: Worker, program: Program, options: TaskOptions) {
    const workerData: unknown = structuredClone(options.workerData, { transfer: options.transferList });
    started++;
    this.mark = `aevent-task=${started}`;
    this.entry = program.filename;
    this.#worker = worker;
    this.#program = program;
    this.#exited = new Promise((resolve) => {
      this.#onExit = resolve;
    });
    const { port1, port2 } = new real.MessageChannel();
    this.#port = port1;
    this.view = {
      isMainThread: false,
      parentPort: this.#parentPort(port2),
      workerData,
      threadId: FIRST_ID + started,
      resourceLimits: {},
    };
    this.process = {
      exit: (code?: unknown) => this.#exit(code),
      ...(options.argv && {
        argv: [process.argv[0], program.filename ?? '[worker eval]', ...options.argv.map(String)],
      }),
      ...(options.env && { env: options.env }),
    };
    asInternal(() => {
      port1.on('message', (message) => void worker.emit('message', message));
      port1.on('messageerror', (error) => void worker.emit('messageerror', error));
      // It has no queue then, see receive-message-sync.ts.
      port1.on('close', () => {
        this.#drained = true;
      });
    });
    separateModules();
    // As a thread would, it begins when its maker has gone on.
    globals.nextTick(() => runInContext(undefined, () => this.#run()));
  }

  get threadId(): number {
    return this.#running ? this.view.threadId : -1;
  }

  postMessage(...args: unknown[]): void {
    if (this.#running) Reflect.apply(this.#port.postMessage, this.#port, args);
  }

  ref(): void {
    if (this.#running) this.#port.ref();
  }

  unref(): void {
    if (this.#running) this.#port.unref();
  }

  /** Cancels what it waits for. The promise is fulfilled with the exit code when its tasks have ended. */
  terminate(): Promise<number> {
    this.#stop(1);
    return this.#exited;
  }

  /** A Worker that it has started ends with it. */
  addChild(worker: Worker): void {
    this.#children.add(worker);
    asInternal(() => worker.once('exit', () => this.#children.delete(worker)));
  }

  enter(fn: () => unknown, self: unknown): unknown {
    if (this.#stopped) {
      // An interval would go on for ever.
      if (self?.constructor?.name === 'Timeout') globals.clearTimeout(self as NodeJS.Timeout);
      return undefined;
    }
    // It has ended by itself, and left this callback to the program.
    if (this.#exitCode !== undefined) return fn();
    try {
      const value = fn();
      return value instanceof Promise ? value.catch((error) => this.#stop(1, { error })) : value;
    } catch (error) {
      this.#stop(1, { error });
      return undefined;
    }
  }

  toString(): string {
    return 'the Worker has ended';
  }

  #run(): void {
    if (this.#stopped) {
      this.#end();
      return;
    }
    runner((tasks) => {
      this.#scope = tasks.cancelScope;
      contain(tasks.cancelScope, this);
      return this.#stopped ? undefined : this.#live();
    }).then(
      () => this.#end(),
      (error) => {
        this.#stop(1, { error });
        this.#end();
      },
    );
    this.#worker.emit('online');
  }

  async #live(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#changed = resolve;
    });
    // The top level of an ES module that awaits cannot be interrupted; no caller waits for it any more.
    await Promise.race([evaluate(this.#program, this), stopped]);
    while (this.#held && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  #stop(exitCode: number, failure?: { readonly error: unknown }): void {
    if (this.#exitCode !== undefined) return;
    this.#exitCode = exitCode;
    this.#stopped = true;
    // The interruption itself is no failure.
    this.#failure = failure;
    forgetRejections();
    this.#changed();
    this.#scope?.cancel(this);
    for (const child of this.#children) void child.terminate();
  }

  #exit(code: unknown): never {
    const { exitCode } = process;
    this.#stop(Number(code ?? exitCode ?? 0));
    throw new Cancelled(this);
  }

  #end(): void {
    this.#exitCode ??= 0;
    const exitCode = this.#exitCode;
    // Messages that it has sent come before its end.
    while (!this.#drained) {
      const last = real.receiveMessageOnPort(this.#port);
      if (last === undefined) break;
      globals.nextTick(() => void this.#worker.emit('message', last.message));
    }
    globals.nextTick(() => {
      this.#running = false;
      this.#port.close();
      // Later, as Node does: who hears of the error may yet begin to wait for the end.
      globals.setImmediate(() => {
        this.#onExit(exitCode);
        this.#worker.emit('exit', exitCode);
      });
      if (this.#failure !== undefined) this.#worker.emit('error', this.#failure.error);
    });
  }

  /** A listener holds the thread. The event loop is held by the Worker, or not at all. */
  #parentPort(port: MessagePort): MessagePort {
    const hold = (held: boolean): void => {
      this.#held = held;
      // Code that removes a listener may add another one.
      if (!held) globals.setImmediate(() => this.#changed());
    };
    asInternal(() => port.on('close', () => hold(false)));
    port.unref();
    Object.defineProperties(
      port,
      members({ ref: () => hold(true), unref: () => hold(false), hasRef: () => this.#held }),
    );
    return port;
  }
}

/** The thread whose code runs now. */
export function currentThread(): TaskThread | undefined {
  return containerOf() as TaskThread | undefined;
}

let forgetting = false;

/** An async function of a thread that has ended was interrupted. No code awaits it, so its rejection is none to report. */
function forgetRejections(): void {
  if (forgetting) return;
  forgetting = true;
  const { emit } = process;
  const value = function (this: unknown, ...args: [string, unknown]): unknown {
    const [event, reason] = args;
    if (event === 'unhandledRejection' && reason instanceof Cancelled && reason.cause instanceof TaskThread)
      return true;
    return Reflect.apply(emit, this, args);
  };
  replaceMethod(process, 'emit', value);
}
