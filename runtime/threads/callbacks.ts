// Calls that a thread makes to functions and objects of this one: each runs on the stack whose call it belongs to.
import { Cancelled } from '../base/errors.js';
import { map } from '../base/primordials.js';
import type { Context } from '../suspension/context.js';
import { currentCarrier } from '../suspension/native-core.js';
import { enterInPlace } from '../suspension/suspension.js';
import {
  decode,
  type Encoding,
  encode,
  encodeResult,
  encodeThrown,
  encoding,
  type References,
} from './codec.js';
import type { Callback, OfHost, ToThread } from './protocol.js';

/** Carries out what the thread asks of an object or function of this one. */
export type Perform = (operation: OfHost, target: number, args: readonly unknown[]) => unknown;

/** The context in which an object or function of this thread was given to the other one first. */
export type ContextOf = (target: number) => Context | undefined;

interface CallbacksOptions {
  readonly references: References | undefined;
  readonly perform: Perform;
  readonly contextOf: ContextOf;
  readonly post: (message: ToThread, into: Encoding) => void;
}

/** The callbacks of one thread. */
export class Callbacks {
  readonly #options: CallbacksOptions;
  /** By carrier: the callback that runs on its stack. */
  readonly #running: (number | undefined)[] = [];

  constructor(options: CallbacksOptions) {
    this.#options = options;
  }

  /** The callback that the running code is part of, or 0. */
  current(): number {
    return this.#running[currentCarrier()] ?? 0;
  }

  /** Runs what the thread calls, on this stack. @returns whether it returned */
  run(callback: Callback): boolean {
    const { references, perform } = this.#options;
    const id = callback[1];
    const carrier = currentCarrier();
    const outer = this.#running[carrier];
    this.#running[carrier] = id;
    let ok = true;
    let value: unknown;
    try {
      value = perform(
        callback[3],
        callback[4],
        map(callback[5], (arg) => decode(arg, references)),
      );
    } catch (error) {
      ok = false;
      value = error;
    } finally {
      this.#running[carrier] = outer;
    }
    this.#reply(id, ok, value);
    return ok;
  }

  /** The thread calls a function of its own accord: as any callback, it goes on with the context that has registered it. */
  runDetached(callback: Callback): void {
    enterInPlace(() => this.run(callback), this.#options.contextOf(callback[4])?.entered());
  }

  /** Tells the thread that the call which a callback belongs to was cancelled. */
  refuse(callback: Callback): void {
    this.#reply(callback[1], false, new Cancelled('the call that it was given to was cancelled'));
  }

  #reply(id: number, ok: boolean, value: unknown): void {
    const { references, post } = this.#options;
    try {
      const into = encoding(references);
      if (value === undefined) post(['reply', id, ok], into);
      else post(['reply', id, ok, ok ? encodeResult(value, into) : encodeThrown(value, into)], into);
    } catch (error) {
      const into = encoding(references);
      post(['reply', id, false, encode(error, into)], into);
    }
  }
}
