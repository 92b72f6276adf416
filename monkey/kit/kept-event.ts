// An event that waits for a suspended piece, and how it is given: see held-events.ts for the rules.
import type { EventEmitter } from 'node:events';
import { asyncScopeHere } from '../../runtime/base/async-scope.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { each, filter, some } from '../../runtime/base/primordials.js';
import { entersTask } from './emitter-listeners.js';
import { areSame, type Held, type Waiting } from './held.js';
import { answer, isAsked } from './held-interface.js';
import { addedSince, emitTo, registered } from './late-listeners.js';

export type EventName = string | symbol;

/** The emitter of such an event (held-emitter.ts). */
export interface OfEmitter extends Held {
  readonly thing: EventEmitter;
  /** True while Node takes a line of the input. */
  readonly takesLine: boolean;
  emitNow(args: readonly unknown[]): boolean;
  /** True for an event that Node emits only if it has a listener. */
  asksFor(event: EventName): boolean;
  /** True if Node itself listens to an event of an object of its own. */
  isListenedToByNode(event: EventName): boolean;
  /** True for an error that may go unheard, as it would not have been emitted. */
  mayDrop(event: EventName): boolean;
}

/** True for a stream that gives what was written: what came of a write comes before its callback. */
export const isTransform = (emitter: EventEmitter): boolean => '_transform' in emitter;

/** An event, for those who did not listen when it was emitted. */
export class KeptEvent implements Waiting {
  readonly held: OfEmitter;
  readonly event: EventName;
  readonly #args: readonly unknown[];
  /** True if other listeners have got it. */
  readonly wasHeard: boolean;
  readonly isKnownToNode: boolean;
  #heardBy: readonly AnyFunction[];
  /** True if Node's own listeners have not had it either. */
  protected readonly isForNode: boolean = false;
  /** True for the end of the input, without a line feed: Node emits it, but it answers no question. */
  readonly #isEnd: boolean;
  /** Has the stores that the listeners find. */
  readonly #inScope = asyncScopeHere('HeldEvent');

  constructor(held: OfEmitter, event: EventName, args: readonly unknown[], heardBy: readonly AnyFunction[]) {
    this.held = held;
    this.event = event;
    this.#args = args;
    this.#heardBy = heardBy;
    this.wasHeard = heardBy.length > 0;
    this.isKnownToNode = some(heardBy, (listener) => !entersTask(listener));
    this.#isEnd = event === 'line' && !held.takesLine;
  }

  isDue(): boolean {
    if (this.#late().length > 0) return true;
    return this.mayAnswer && isAsked(this.held.thing);
  }

  /** True for a line that no listener has got: the next question is its. */
  get mayAnswer(): boolean {
    return this.event === 'line' && !this.wasHeard && !this.#isEnd;
  }

  /** libuv looks at signals last: the output of a child comes before its exit. */
  get followsBytes(): boolean {
    const { thing } = this.held;
    if (this.event === 'finish') return isTransform(thing);
    // Of a request whose response has come in part; of a stream of HTTP/2, after its data.
    if (this.event === 'error') return Object.hasOwn(thing, 'res');
    if (this.event === 'trailers') return true;
    return this.event === 'exit' || (this.event === 'close' && Object.hasOwn(thing, '_httpMessage'));
  }

  isAlike(before: Waiting): boolean {
    return (
      before instanceof KeptEvent &&
      !this.isForNode &&
      !before.isForNode &&
      this.event === before.event &&
      this.mayAnswer === before.mayAnswer &&
      areSame(this.#heardBy, before.#heardBy)
    );
  }

  isHeard(): boolean {
    return this.isDue() || (!this.wasHeard && registered(this.held.thing, this.event).length > 0);
  }

  renew(): void {
    this.#heardBy = registered(this.held.thing, this.event);
  }

  give(): void {
    this.#inScope(() => this.#give());
  }

  forLater(): KeptEvent | undefined {
    return new KeptEvent(this.held, this.event, this.#args, registered(this.held.thing, this.event));
  }

  #late(): readonly AnyFunction[] {
    return filter(addedSince(this.#heardBy, registered(this.held.thing, this.event)), entersTask);
  }

  #give(): void {
    const { thing: emitter } = this.held;
    if (this.wasHeard) {
      const late = this.#late();
      if (late.length > 0) emitTo(emitter, late, this.event, this.#args);
    } else if (this.held.mayDrop(this.event)) {
      // No listener wanted it.
    } else if (this.mayAnswer && isAsked(emitter)) {
      answer(emitter, this.#args);
    } else if (!this.isForNode && this.held.isListenedToByNode(this.event)) {
      // It has added its own since, and would not have heard the event in plain Node.
      const late = this.#late();
      if (late.length > 0) emitTo(emitter, late, this.event, this.#args);
    } else if (!this.held.emitNow([this.event, ...each(this.#args)])) this.#dismiss();
  }

  /** As Node's client does where there is no listener. */
  #dismiss(): void {
    if (this.event === 'response') (this.#args[0] as { _dump?(): void })._dump?.();
    else if (this.held.asksFor(this.event)) (this.#args[1] as { destroy?(): void } | undefined)?.destroy?.();
  }
}

/** An event that Node's own listeners have not had either. */
export class KeptFromAll extends KeptEvent {
  protected override readonly isForNode = true;
  readonly #isDue: () => boolean;

  constructor(held: OfEmitter, event: EventName, args: readonly unknown[], isDue = (): boolean => true) {
    super(held, event, args, []);
    this.#isDue = isDue;
  }

  override isDue(): boolean {
    return this.#isDue();
  }

  override forLater(): undefined {}
}
