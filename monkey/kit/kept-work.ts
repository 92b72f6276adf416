// Waits for a suspended piece as events do (held.ts): work that Node does to an emitter by itself, and functions of the program's.
import { asyncScopeHere } from '../../runtime/base/async-scope.js';
import type { Held, Waiting } from './held.js';

type IsDue = Waiting['isDue'];
const never: IsDue = () => false;
const always: IsDue = () => true;

/** Work of Node's. */
export class KeptWork implements Waiting {
  readonly held: Held;
  readonly isDue: IsDue;
  readonly #work: () => unknown;

  /** @param isDue - see {@link Waiting.isDue}; by default it is not before the piece has ended */
  constructor(held: Held, work: () => unknown, isDue: IsDue = never) {
    this.held = held;
    this.#work = work;
    this.isDue = isDue;
  }

  isHeard(): boolean {
    return false;
  }

  renew(): void {}

  give(): void {
    this.#work();
  }
}

/** A call of a function of the program's, which finds the stores of now. */
export class KeptCall extends KeptWork {
  readonly event: string | undefined;
  readonly isNext: boolean;
  readonly #inScope = asyncScopeHere('HeldEvent');

  /** @param as - see {@link Waiting}; by default it is due at once */
  constructor(held: Held, call: () => unknown, as: { event?: string; isNext?: boolean; isDue?: IsDue }) {
    super(held, call, as.isDue ?? always);
    this.event = as.event;
    this.isNext = as.isNext ?? false;
  }

  override isHeard(): boolean {
    return true;
  }

  override give(): void {
    this.#inScope(() => super.give());
  }
}
