// `Barrier`, as in Python's `threading`.
import { startTimer } from '../../base/clock.js';
import { inLine, inspectAs } from '../../base/describe.js';
import { AeventError, requireFunction } from '../../base/errors.js';
import { interleave } from '../../base/scheduler.js';
import { isThenable } from '../../base/thenable.js';
import { timeoutFrom } from '../../base/timeout.js';
import { requireStack, requireStackToGive } from '../../suspension/stack-room.js';
import { type Subject, Timed, type Told, tellWait } from '../../suspension/subject.js';
import { awaitPromise } from '../../suspension/suspension.js';
import { type Outcome, WaitList } from '../../waiting/wait-list.js';
import { countFrom } from './semaphore.js';

const forEver = Number.POSITIVE_INFINITY;

/** A Barrier is broken, or was broken or reset while a task waited at it. */
export class BrokenBarrierError extends AeventError {
  /** @param why - how the barrier came to be broken, a clause of the message */
  constructor(why: string) {
    super('AEVENT_BROKEN_BARRIER', `The barrier ${why}. Barrier.reset() makes it new.`);
  }

  override get name(): string {
    return 'BrokenBarrierError';
  }
}

/** One filling of the barrier: until all may go on, or none. */
class Round {
  state: 'filling' | 'acting' | 'over' = 'filling';
  brokenBy: string | undefined;
  /** Woken with their index. */
  readonly waiters: WaitList<number> = new WaitList();

  break(why: string): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.brokenBy = why;
    this.waiters.wakeAll(-1);
  }

  open(): void {
    this.throwIfBroken();
    this.state = 'over';
    let index = 0;
    for (let next = this.waiters.take(); next !== undefined; next = this.waiters.take()) next.wake(index++);
  }

  throwIfBroken(): void {
    if (this.brokenBy !== undefined) throw new BrokenBarrierError(this.brokenBy);
  }
}

/**
 * Has a fixed number of tasks wait for each other, again and again. A task that is cancelled while it waits leaves, as
 * it leaves an `asyncio.Barrier`; one whose time is up breaks the barrier for all.
 * @see CPython `threading.Barrier`
 */
export class Barrier implements Subject {
  /** How many tasks have to come. */
  readonly parties: number;
  readonly #action: (() => unknown) | undefined;
  readonly #timeoutMs: number | undefined;
  /** Those who come for the next round while the action of this one runs. */
  readonly #early = new WaitList<undefined>();
  #round = new Round();

  /**
   * @param parties - how many tasks it is for; an integer >= 1
   * @param action - called by the last to come, before all go on; may suspend, and its promise is waited for
   * @param timeoutMs - milliseconds, >= 0, for each wait that says nothing else
   * @throws TypeError `AEVENT_INVALID_COUNT`, `AEVENT_INVALID_TIMEOUT`
   */
  constructor(parties: number, action?: () => unknown, timeoutMs?: number) {
    this.parties = countFrom('A barrier is for', parties, 1);
    timeoutFrom('Barrier', timeoutMs);
    if (action !== undefined) requireFunction('new Barrier(…, action)', action);
    this.#action = action;
    this.#timeoutMs = timeoutMs;
  }

  /** How many wait now. */
  get nWaiting(): number {
    return this.#round.waiters.size;
  }

  /** True from when it was broken until it is {@link reset}. */
  get broken(): boolean {
    return this.#round.brokenBy !== undefined;
  }

  /**
   * Waits until as many tasks have come as the barrier is for. A checkpoint, but for the last one.
   * @param timeoutMs - milliseconds, >= 0; when they are over the barrier is broken
   * @returns a number from 0, for the first that came, to `parties - 1`, for the last
   * @throws {@link BrokenBarrierError}; what the action throws, in the task that came last; {@link NoPortalError} where
   *   it would have to wait and nothing can be suspended; {@link Cancelled}
   */
  wait(timeoutMs: number | undefined = this.#timeoutMs): number {
    const limit = timeoutFrom('Barrier.wait', timeoutMs);
    interleave('Barrier.wait');
    requireStack();
    while (this.#round.state === 'acting') this.#early.wait('Barrier.wait', forEver, undefined, this);
    const round = this.#round;
    if (this.#isLast(round)) {
      try {
        const acting = this.#action?.();
        if (isThenable(acting)) awaitPromise(acting, 'Barrier.wait');
        return this.#open(round);
      } catch (error) {
        this.#fail(round);
        throw error;
      }
    }
    const stopTimer = this.#breakAfter(limit, round);
    try {
      return indexFrom(
        round,
        round.waiters.wait(
          'Barrier.wait',
          forEver,
          undefined,
          limit === forEver ? this : new Timed(this, limit),
        ),
      );
    } finally {
      stopTimer?.();
    }
  }

  /** As {@link wait}, for async code; cancelled with the scope that it is called in. */
  async waitAsync(timeoutMs: number | undefined = this.#timeoutMs): Promise<number> {
    const limit = timeoutFrom('Barrier.waitAsync', timeoutMs);
    requireStack();
    while (this.#round.state === 'acting') await this.#early.waitAsync(forEver, undefined);
    const round = this.#round;
    if (this.#isLast(round)) {
      try {
        await this.#action?.();
        return this.#open(round);
      } catch (error) {
        this.#fail(round);
        throw error;
      }
    }
    const stopTimer = this.#breakAfter(limit, round);
    try {
      return indexFrom(round, await round.waiters.waitAsync(forEver, undefined));
    } finally {
      stopTimer?.();
    }
  }

  /** Makes it as new: those who wait get a {@link BrokenBarrierError}. Never a checkpoint. */
  reset(): void {
    requireStackToGive();
    this.#round.break('was reset');
    this.#begin();
  }

  /** Breaks it: those who wait, and who will, get a {@link BrokenBarrierError}. Never a checkpoint. */
  abort(): void {
    requireStackToGive();
    this.#round.break('was aborted');
    this.#early.wakeAll(undefined);
  }

  /** @internal */
  [tellWait](): Told {
    return { text: `of ${this.parties}, ${this.nWaiting} of whom have come`, needs: { anyTask: true } };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => `${this.nWaiting}/${this.parties} have come${this.broken ? ', broken' : ''}`);
  }

  /** True for the last one to come, which has to see to the action then. */
  #isLast(round: Round): boolean {
    round.throwIfBroken();
    if (round.waiters.size + 1 < this.parties) return false;
    round.state = 'acting';
    return true;
  }

  #breakAfter(limit: number, round: Round): (() => void) | undefined {
    // Once the round is complete it is for its action to end it.
    const breakIt = (): void => {
      if (round.state === 'filling') round.break(`was broken: a party waited for more than ${limit} ms`);
    };
    if (limit === forEver) return undefined;
    if (limit > 0) return startTimer(limit, breakIt);
    breakIt();
    round.throwIfBroken();
    return undefined;
  }

  #open(round: Round): number {
    round.open();
    this.#begin();
    return this.parties - 1;
  }

  #fail(round: Round): void {
    round.break('was broken: its action failed');
    this.#early.wakeAll(undefined);
  }

  #begin(): void {
    this.#round = new Round();
    this.#early.wakeAll(undefined);
  }
}

function indexFrom(round: Round, outcome: Outcome<number>): number {
  if (typeof outcome === 'number' && outcome >= 0) return outcome;
  throw new BrokenBarrierError(round.brokenBy ?? 'is broken');
}
