// A thread as the system has it: how it is started, woken and waited for, whether it keeps the event loop going, and whether it is
// still there.
import type { MessagePort, ResourceLimits, Worker } from 'node:worker_threads';
import { builtin, globals } from '../base/builtins.js';
import { ownUrl } from '../base/instance.js';
import { withAcceptedOptions } from '../base/preload-options.js';
import { each, map } from '../base/primordials.js';
import { runInContext } from '../suspension/context.js';
import { Mailbox, sharedWay } from './mailbox.js';
import { Signal, type ThreadData, type ToHost, type ToThread } from './protocol.js';
import { threadEnvironment, withoutAevent } from './thread-environment.js';

const { Worker: RealWorker, MessageChannel } =
  builtin<typeof import('node:worker_threads')>('worker_threads');
const { fstatSync, statSync } = builtin<typeof import('node:fs')>('fs');
const { devNull } = builtin<typeof import('node:os')>('os');
const process = builtin<typeof import('node:process')>('process');
const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

const THREAD_MAIN = ownUrl('runtime/threads/thread-main.js');
/** Milliseconds after which a stack that blocks looks whether the thread is still there. */
const LOOK_MS = 100;
/** A thread that has not come to its first line by then never will: its code is not loaded yet, and it does nothing else. */
const BOOT_MS = 60_000;

/** Hears of a {@link Thread}'s messages and of its end. */
export interface ThreadListener {
  readonly name: string;
  readonly resourceLimits?: ResourceLimits;
  /** Whether its `process` is to be the program's. */
  readonly actsForProgram?: boolean;
  /** There are messages. */
  onMail(): void;
  /** It has ended: its error, or how. */
  onEnd(why: string | Error): void;
}

/** A thread that runs thread-main.ts. */
export class Thread {
  readonly #begun = performance.now();
  readonly #signals = new Int32Array(new SharedArrayBuffer(4 * Signal.size));
  readonly #box: Mailbox;
  readonly #port: MessagePort;
  readonly #wake: MessagePort;
  readonly #worker: Worker;
  /** True if the thread is woken at the end of this turn of the loop. */
  #wakesSoon = false;
  /** How many suspended calls keep the event loop going. */
  #holding = 0;
  #isHolding = false;

  constructor(listener: ThreadListener) {
    const messages = new MessageChannel();
    const wakes = new MessageChannel();
    const [toThread, toHost] = [sharedWay(), sharedWay()] as const;
    this.#port = messages.port1;
    this.#wake = wakes.port1;
    this.#box = new Mailbox(this.#port, toThread, toHost);
    const aevent: ThreadData = {
      signals: this.#signals,
      toThread,
      toHost,
      port: messages.port2,
      wake: wakes.port2,
      argv: listener.actsForProgram === true ? map(process.argv, String) : undefined,
    };
    // Messages that the loop brings belong to no task, not even to the one that happens to need a thread first.
    this.#worker = runInContext(undefined, () => {
      this.#wake.onmessage = listener.onMail;
      return withAcceptedOptions(withoutAevent(process.execArgv), (execArgv) =>
        make(listener, aevent, execArgv),
      );
    });
    this.#wake.unref();
    this.#worker.unref();
    // Its on() may be a replacement, whose listeners belong to tasks.
    on.call(this.#worker, 'error', (error: Error) => listener.onEnd(error));
    on.call(this.#worker, 'exit', (code: number) => listener.onEnd(`it ended with code ${code}`));
  }

  /** The number of the last message that was posted. */
  get posted(): number {
    return this.#box.posted;
  }

  /** See {@link Mailbox.isPlain}. */
  get isPlain(): boolean {
    return this.#box.isPlain;
  }

  /**
   * Posts a message; see {@link Mailbox.post}.
   * @param urgent - false for one that may wait until this turn of the loop is over, or this stack waits. To wake the thread takes longer
   * than most messages do: a server that asks for a row in each of twenty requests is a third faster so.
   */
  post(message: ToThread, transfer: readonly ArrayBuffer[] = [], isPlain = true, urgent = true): void {
    this.#box.post(message, transfer, isPlain);
    if (Atomics.compareExchange(this.#signals, Signal.threadSleeps, 1, 0) === 1) this.#wake.postMessage(0);
    // Also one that sleeps in its event loop: a callback there may wait.
    if (urgent) this.#box.nudge();
    else if (!this.#wakesSoon) {
      this.#wakesSoon = true;
      globals.setImmediate(() => this.#wakeNow());
    }
  }

  #wakeNow(): void {
    if (!this.#wakesSoon) return;
    this.#wakesSoon = false;
    this.#box.nudge();
  }

  /** Before {@link take}: what comes from now on wakes the event loop again. */
  lookUp(): void {
    Atomics.store(this.#signals, Signal.hostWoken, 0);
  }

  /** Takes the next message. */
  take(): ToHost | undefined {
    return this.#box.take() as ToHost | undefined;
  }

  /** Whether messages that come wake the event loop, or a stack waits for them where it stands. */
  set isWaitedFor(value: boolean) {
    Atomics.store(this.#signals, Signal.hostWaits, value ? 1 : 0);
  }

  /**
   * Waits where it stands for a message, at most so many milliseconds, and not much longer than the thread lives.
   * @returns why there will be none any more
   */
  wait(ms: number): string | undefined {
    this.#wakeNow();
    if (this.#box.wait(Math.min(ms, LOOK_MS))) return undefined;
    if (Atomics.load(this.#signals, Signal.ended) === 1 && !this.#box.hasMail)
      return 'it ended by process.exit()';
    return ms > LOOK_MS && this.#isGone() ? 'its thread died' : undefined;
  }

  /** Node closes what a thread has opened when it ends. */
  #isGone(): boolean {
    const descriptor = Atomics.load(this.#signals, Signal.descriptor) - 1;
    if (descriptor < 0) return performance.now() - this.#begun > BOOT_MS;
    try {
      return fstatSync(descriptor).ino !== statSync(devNull).ino;
    } catch {
      return true;
    }
  }

  /** Has the thread keep the event loop going as long as the sum of what this was given is more than 0. */
  hold(count: number): void {
    this.#holding += count;
    const isHolding = this.#holding > 0;
    if (isHolding === this.#isHolding) return;
    this.#isHolding = isHolding;
    // The port of a thread that ends is closed before its end is told.
    for (const handle of each([this.#wake, this.#worker])) {
      if (isHolding) handle.ref();
      else handle.unref();
    }
  }

  /** Ends the thread at once. */
  terminate(): void {
    void this.#worker.terminate();
  }

  /** To be called when it has ended. */
  close(): void {
    this.#port.close();
    this.#wake.close();
  }
}

function make(
  { name, resourceLimits }: ThreadListener,
  aevent: ThreadData,
  execArgv: readonly string[],
): Worker {
  return new RealWorker(THREAD_MAIN, {
    workerData: { aevent },
    transferList: [aevent.port, aevent.wake],
    execArgv: [...each(execArgv)],
    env: threadEnvironment(),
    trackUnmanagedFds: true,
    name,
    ...(resourceLimits && { resourceLimits }),
  });
}
