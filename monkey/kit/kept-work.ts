// Waits for a suspended piece as events do (held.ts): work that Node does to an emitter by itself, and functions of the program's.
import { asyncScopeHere, type Scope } from '../../runtime/base/async-scope.js';
import type { Held, Waiting } from './held.js';

type IsDue = Waiting['isDue'];
/** Not while code is suspended where plain Node blocks. Other waits may be for this very work, or for what follows it. */
const unlessBlocked: IsDue = (bounded, blocks) => !bounded && !blocks;
const always: IsDue = () => true;

/** Work of Node's. It may call functions of the program's, which find the stores of now: a stream's `_read`, say. */
export class KeptWork implements Waiting {
  readonly held: Held;
  readonly isDue: IsDue;
  readonly #work: () => unknown;
  readonly #inScope: Scope = asyncScopeHere('HeldEvent');

  /** @param isDue - see {@link Waiting.isDue}; by default it is not due while the piece is suspended where plain Node blocks */
  constructor(held: Held, work: () => unknown, isDue: IsDue = unlessBlocked) {
    this.held = held;
    this.#work = work;
    this.isDue = isDue;
  }

  isHeard(): boolean {
    return false;
  }

  renew(): void {}

  give(): void {
    this.#inScope(() => void this.#work());
  }
}

/** Destroys a stream that has come to its end. */
export class KeptDestroy extends KeptWork {
  // The system tells that a socket has sent all when it has brought what the peer sent before.
  readonly followsBytes = true;

  constructor(held: Held, destroy: () => unknown) {
    super(held, destroy);
  }
}

/** A call of a function of the program's. */
export class KeptCall extends KeptWork {
  readonly event: string | undefined;
  readonly isNext: boolean;
  readonly followsBytes: boolean;

  /** @param as - see {@link Waiting}; by default it is due at once */
  constructor(
    held: Held,
    call: () => unknown,
    as: { event?: string; isNext?: boolean; isDue?: IsDue; followsBytes?: boolean },
  ) {
    super(held, call, as.isDue ?? always);
    this.followsBytes = as.followsBytes ?? false;
    this.event = as.event;
    this.isNext = as.isNext ?? false;
  }

  isAlike(before: Waiting): boolean {
    return (
      before instanceof KeptCall &&
      this.event === before.event &&
      this.isNext === before.isNext &&
      this.isDue === before.isDue
    );
  }

  override isHeard(): boolean {
    return true;
  }
}
