// The lines of an interface that were not asked for when they came. Piped input brings many at once, and ends soon.
import type { EventEmitter } from 'node:events';
import type { Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { builtin } from '../../../runtime/base/builtins.js';
import { call, push, shift } from '../../../runtime/base/primordials.js';
import { waitForEvent } from '../events/wait-for-event.js';

const { on, removeListener } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

/** With so many lines kept the input is paused; with none it is resumed. As Node's own iterator does. */
const MOST_LINES = 1024;

interface Ends {
  readonly input?: EventEmitter & Partial<Readable>;
  readonly output?: NodeJS.WritableStream | null;
  readonly closed?: boolean;
}

/** The stream that the interface reads. */
export function inputOf(rl: Interface): Ends['input'] {
  return (rl as Ends).input;
}

/** Where the interface writes to. */
export function outputOf(rl: Interface): Ends['output'] {
  return (rl as Ends).output;
}

const known = new WeakMap<Interface, Lines>();

/** The lines of an interface, which are kept from the first call on. */
export function linesOf(rl: Interface): Lines {
  let lines = known.get(rl);
  if (lines === undefined) {
    lines = new Lines(rl);
    known.set(rl, lines);
  }
  return lines;
}

/** Keeps the lines that come between two questions, or in a loop over an interface. */
class Lines {
  readonly #rl: Interface;
  #kept: string[] = [];
  #loops = 0;
  #isPaused = false;

  constructor(rl: Interface) {
    this.#rl = rl;
    call(on, rl, 'line', (line: string) => this.#keep(line));
  }

  /** A line that has come already; none if the program has closed the interface since. */
  takeNow(): string | undefined {
    if ((this.#rl as Ends).closed && inputOf(this.#rl)?.readableEnded === false) this.#kept = [];
    const line = shift(this.#kept);
    if (this.#isPaused && this.#kept.length === 0) {
      this.#isPaused = false;
      if (!(this.#rl as Ends).closed) this.#rl.resume();
    }
    return line;
  }

  /** Line by line, to the end; suspends for each. */
  *all(): Generator<string, void, undefined> {
    let failure: { readonly error: unknown } | undefined;
    const failed = (error: unknown): void => {
      failure ??= { error };
    };
    this.#loops++;
    call(on, this.#rl, 'error', failed);
    try {
      for (;;) {
        const line = this.takeNow();
        if (line !== undefined) yield line;
        else if (failure !== undefined) throw failure.error;
        else if ((this.#rl as Ends).closed) return;
        else {
          const goOn = (wait: { resolve(value: undefined): void }): void => wait.resolve(undefined);
          waitForEvent<void>(this.#rl, 'readline', { line: goOn, close: goOn, error: goOn });
        }
      }
    } finally {
      this.#loops--;
      call(removeListener, this.#rl, 'error', failed);
    }
  }

  #keep(line: string): void {
    // The program's own listeners have taken it.
    if (this.#loops === 0 && this.#rl.listenerCount('line') > 1) return;
    push(this.#kept, line);
    if (this.#kept.length < MOST_LINES || this.#isPaused) return;
    this.#isPaused = true;
    this.#rl.pause();
  }
}
