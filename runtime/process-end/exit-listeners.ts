// Handlers of 'exit' that suspend. Node emits that event when the loop has ended, or in the middle of process.exit(),
// and ends the process when the last listener has returned. So a listener of ours returns only when its handler has
// ended:
//
//   process.exit() in a task       the handler runs on the task's own stack and suspends with it. So does what a program
//                                  has put around the listeners (signal-exit: process.emit, process.reallyExit), where
//                                  each wait counts as a handler of its own
//   anywhere else, and at the end  the handler is entered in place; if it suspends, the loop is turned from here, on
//                                  the main stack, below the caller of process.exit(). No code up there goes on
//                                  before the process ends, so nothing can find the loop turned under its feet.
//
// Node drops ticks while it is exiting, which the handler may wait for; and what would begin the end a second time must
// not. So for that time `nextTick`, `reallyExit` and `emit` of process are ours. Ticks that are left when the handler has
// ended are dropped, as Node does: if it did not suspend, that cannot be seen.
import { builtin, globals } from '../base/builtins.js';
import { describe } from '../base/describe.js';
import type { AnyFunction } from '../base/disguise.js';
import { invalidArgument } from '../base/errors.js';
import { each } from '../base/primordials.js';
import { replaceMethodForATime } from '../base/replace-method.js';
import { CancelScope } from '../cancellation/cancel-scope.js';
import { type Context, currentContext, runOnStack } from '../suspension/context.js';
import { provideDuringExit } from '../suspension/exit-hook.js';
import { inTask } from '../suspension/in-task.js';
import { core, currentCarrier, isOnCarrier, turnLoop } from '../suspension/native-core.js';
import { allowingSuspension } from '../suspension/portal.js';
import { enterInPlace, parkForEver, switchAway } from '../suspension/suspension.js';
import { standForTicks, ticksOf } from '../suspension/ticks.js';
import { describeParked } from './deadlock-report.js';

type Emit = (this: unknown, ...args: unknown[]) => boolean;
type Process = Omit<typeof globalThis.process, 'emit' | 'nextTick'> & {
  emit: Emit;
  nextTick(...args: unknown[]): void;
  /** Node looks here whether a tick is worth being queued, and whether the end has begun. */
  _exiting: boolean;
  /** process.exit() calls it at its end. */
  reallyExit(code: unknown): void;
};

const process = builtin<Process>('process');
const fs = builtin<typeof import('node:fs')>('fs');
const { performance } = builtin<typeof import('node:perf_hooks')>('perf_hooks');

/** The time that a handler may still take after its waits were cancelled. */
const GRACE_MS = 1000;

let limitMs = 10_000;
let spentMs = 0;
let current: Handler | undefined;

/**
 * Sets how long, in milliseconds, all exit handlers together may stay suspended.
 * @throws TypeError `AEVENT_INVALID_OPTIONS` unless it is a number >= 0
 */
export function setExitTimeoutMs(ms: unknown): void {
  if (typeof ms !== 'number' || !(ms >= 0)) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `setup({ exitTimeoutMs }) takes milliseconds >= 0 or Infinity, not ${describe(ms)}.`,
    );
  }
  limitMs = ms;
}

function duringExit<T>(context: Context, name: string, fn: () => T): T {
  if (current !== undefined) return fn();
  const handler = new Handler(name);
  current = handler;
  try {
    return handler.run(() => runOnStack(context.withScope(handler.scope), fn));
  } finally {
    handler.end();
    current = undefined;
  }
}

/** Lets handlers of 'exit' suspend, from now on. */
export function letExitHandlersSuspend(): void {
  provideDuringExit({ run: duringExit, isRunning: () => current !== undefined });
}

class Handler {
  readonly scope: CancelScope = CancelScope.within(undefined);
  readonly #name: string;
  readonly #startedMs = performance.now();
  readonly #onCarrier = isOnCarrier();
  readonly #exitCode = process.exitCode;
  readonly #putBack: readonly (() => void)[];
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #hasEnded = false;
  #abandoned = false;
  /** Meanwhile hooks of async_hooks hear of the timer. Node ends the process if one throws: it is being ended already. */
  #setsTimer = false;

  constructor(name: string) {
    this.#name = name || 'anonymous';
    const { emit, nextTick, reallyExit } = process;
    const given = ticksOf(nextTick);
    const ours = (...args: unknown[]): void => this.#tick(given, args);
    this.#putBack = [
      replaceMethodForATime(process, 'emit', (...args: unknown[]) => this.#emitted(emit, args)),
      replaceMethodForATime(process, 'nextTick', ours),
      standForTicks(ours),
      replaceMethodForATime(process, 'reallyExit', (code: unknown) => this.#reallyExit(reallyExit, code)),
    ];
  }

  run<T>(fn: () => T): T {
    if (!this.#onCarrier) return this.#runOnMain(fn);
    this.#limit();
    return allowingSuspension(fn);
  }

  end(): void {
    this.#hasEnded = true;
    globals.clearTimeout(this.#timer);
    spentMs += performance.now() - this.#startedMs;
    for (const putBack of each(this.#putBack)) putBack();
    this.scope.leave();
  }

  #limit(): void {
    const leftMs = limitMs - spentMs;
    if (leftMs === Number.POSITIVE_INFINITY) return;
    this.#after(leftMs, () => this.#cancel(`longer than ${limitMs} ms (setup({ exitTimeoutMs }))`));
  }

  #runOnMain<T>(fn: () => T): T {
    let ended: { value: T } | undefined;
    let failed = 0;
    let isAway = false;
    enterInPlace(() => {
      try {
        ended = { value: fn() };
      } finally {
        // Not caught: Node prints the place where an error was thrown. So it goes on from here in this very call.
        if (ended === undefined && isAway) {
          failed = currentCarrier();
          switchAway(failed, false);
        }
      }
    });
    isAway = true;
    const hasEnded = (): boolean => ended !== undefined || failed !== 0;
    if (!hasEnded()) this.#limit();
    while (!hasEnded() && !this.#abandoned) {
      if (turnLoop() || hasEnded()) continue;
      if (this.#isOver) break;
      this.#cancel('but the event loop has nothing left to do');
    }
    if (failed !== 0) core.binding?.resume(failed);
    return ended?.value as T;
  }

  #emitted(emit: Emit, args: unknown[]): boolean {
    const event = args[0];
    // Node itself again: the process ends now.
    if (event === 'exit') return true;
    if (event === 'beforeExit') {
      // The loop has run dry. On the main stack we have seen that ourselves.
      if (this.#onCarrier && !this.#isOver) {
        this.#cancel('but the event loop has nothing left to do');
        globals.setImmediate(() => {}); // at its end the handler goes on
      }
      return true;
    }
    return Reflect.apply(emit, process, args);
  }

  #tick(nextTick: Process['nextTick'], args: unknown[]): void {
    const callback = args[0];
    // It is not where a program emits 'exit' itself.
    const isExiting = process._exiting;
    if (isExiting && typeof callback === 'function') {
      const entered = isOnCarrier() ? inTask(callback as AnyFunction) : (callback as AnyFunction);
      args[0] = (...given: never[]) => {
        if (!this.#hasEnded) entered(...given);
      };
    }
    process._exiting = false;
    try {
      Reflect.apply(nextTick, process, args);
    } finally {
      process._exiting = isExiting;
    }
  }

  // process.exit() again. In a handler it ends the process now, as always. Another task leaves that to the first.
  #reallyExit(reallyExit: Process['reallyExit'], code: unknown): void {
    if (this.#setsTimer) return;
    if (isOnCarrier() && !this.#holds(currentContext())) {
      process.exitCode = this.#exitCode;
      parkForEver();
    }
    Reflect.apply(reallyExit, process, [code]);
  }

  #holds(context: Context | undefined): boolean {
    let scope = context?.scope;
    while (scope !== undefined && scope !== this.scope) scope = scope.parent;
    return scope !== undefined;
  }

  #cancel(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Synchronously, and past whatever replaced process.stderr.
    fs.writeSync(
      2,
      `aevent: the exit handler ${this.#name} is suspended, ${why}; its waits are cancelled:\n${describeParked((context) => this.#holds(context))}`,
    );
    this.#after(GRACE_MS, () => this.#abandon());
    this.scope.cancel('the process ends');
  }

  // It waits all the same: in a scope that is shielded.
  #abandon(): void {
    this.#abandoned = true;
    if (!this.#onCarrier) return;
    process.reallyExit(process.exitCode ?? 0);
  }

  #after(delayMs: number, callback: () => void): void {
    globals.clearTimeout(this.#timer);
    this.#setsTimer = true;
    try {
      this.#timer = globals.setTimeout(callback, Math.max(0, delayMs)).unref();
    } finally {
      this.#setsTimer = false;
    }
  }
}
