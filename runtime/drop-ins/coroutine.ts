// Coroutines: a function on a stack of its own that is entered, left and entered again by plain calls. Tasks are resumed
// by the hub, each in its turn; a coroutine by the code that holds it, in the middle of what that code is doing. It is
// what the programs need that were written for node-fibers.
import { startBackend } from '../backend/backend.js';
import { asyncScopeHere } from '../base/async-scope.js';
import { AeventError } from '../base/errors.js';
import { usesAsyncContextFrame } from '../base/node-features.js';
import { Entered } from '../native/binding.js';
import { currentContext, runOnStack } from '../suspension/context.js';
import { enterCoroutine, leaveCoroutine, resumeCoroutine } from '../suspension/coroutine-switch.js';
import { currentCarrier } from '../suspension/native-core.js';

/** By carrier. */
const running: (Coroutine | undefined)[] = [];

/** One function on a stack of its own. May be used again when that has ended. */
export abstract class Coroutine {
  #carrier = 0;
  #state: 'idle' | 'running' | 'left' = 'idle';

  /** The coroutine whose stack this is. */
  static get current(): Coroutine | undefined {
    return running[currentCarrier()];
  }

  /** Runs on the coroutine's stack. */
  protected abstract body(): void;

  get state(): 'idle' | 'running' | 'left' {
    return this.#state;
  }

  /**
   * Enters the coroutine, or goes on where it has left. Returns when it ends or leaves. If it suspends, as a task does,
   * this returns at once: from then on the hub resumes it, and an error it throws is an uncaught exception. Only when it is not running.
   * @returns true if it suspended
   * @throws what it throws; {@link AeventError} `AEVENT_NO_STACK` if it could not be given a stack
   */
  enter(): boolean {
    startBackend();
    const fresh = this.#state === 'idle';
    this.#state = 'running';
    if (!fresh) resumeCoroutine(this.#carrier);
    else if (enterCoroutine((carrier) => this.#run(carrier)) === Entered.noCarrier) {
      this.#state = 'idle';
      throw new AeventError(
        'AEVENT_NO_STACK',
        'A coroutine was entered, but no stack could be had for it: see aevent.info().reason, and the limits on ' +
          'threads and memory.',
      );
    }
    // One that is still said to be running now is suspended.
    return this.#isRunning();
  }

  /** Gives control back to the code that entered it last; returns when it is entered again. Only on its own stack. */
  protected leave(what: string): void {
    this.#state = 'left';
    try {
      leaveCoroutine(what);
    } finally {
      this.#state = 'running';
    }
  }

  #isRunning(): boolean {
    return this.#state === 'running';
  }

  #run(carrier: number): void {
    this.#carrier = carrier;
    running[carrier] = this;
    const context = currentContext();
    try {
      inOwnResource(() => (context === undefined ? this.body() : runOnStack(context, () => this.body())));
    } finally {
      running[carrier] = undefined;
      this.#state = 'idle';
    }
  }
}

// Where AsyncLocalStorage keeps its stores in the running async resource, a coroutine needs one of its own: it may leave in
// the middle of `als.run()`, and the code that entered it would find that store in the resource that they share.
function inOwnResource(fn: () => void): void {
  if (usesAsyncContextFrame) fn();
  else asyncScopeHere('AEVENT_COROUTINE')(fn);
}
