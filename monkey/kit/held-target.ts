// An EventTarget whose events wait for suspended pieces; see held-events.ts for the rules.

import { isOwnAbortListener } from '../../runtime/base/abort-listeners.js';
import { asyncScopeHere } from '../../runtime/base/async-scope.js';
import { globals } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { each, filter, includes, ownValue } from '../../runtime/base/primordials.js';
import { isOnCarrier } from '../../runtime/suspension/native-core.js';
import { areSame, Held, type Keeper, type Waiting } from './held.js';
import { stopDelivery } from './port-delivery.js';
import { Dispatched, hybridDispatch, type Registration, registrations } from './target-internals.js';

const all = new WeakMap<EventTarget, HeldTarget>();

/** Those that aevent and Node have added for themselves. What adds a listener with a signal can wait: it only removes it. */
const isInternal = ({ listener, resistStopPropagation, weak }: Registration): boolean =>
  (resistStopPropagation && !weak) || isOwnAbortListener(listener);

/** An event, for those who did not listen when it was dispatched. */
class KeptDispatch implements Waiting {
  readonly held: HeldTarget;
  readonly event: string;
  readonly #dispatched: Dispatched;
  readonly wasHeard: boolean;
  #heardBy: readonly Registration[];
  /** Has the stores that the listeners find. */
  readonly #inScope = asyncScopeHere('HeldEvent');

  constructor(held: HeldTarget, dispatched: Dispatched, heardBy: readonly Registration[]) {
    this.held = held;
    this.event = dispatched.type;
    this.#dispatched = dispatched;
    this.#heardBy = heardBy;
    this.wasHeard = heardBy.length > 0;
  }

  isDue(): boolean {
    return this.#late().length > 0;
  }

  isAlike(before: Waiting): boolean {
    return (
      before instanceof KeptDispatch && this.event === before.event && areSame(this.#heardBy, before.#heardBy)
    );
  }

  isHeard(): boolean {
    return this.isDue();
  }

  renew(): void {
    this.#heardBy = registrations(this.held.thing, this.event);
  }

  give(): void {
    this.#inScope(() => this.#give());
  }

  forLater(): KeptDispatch {
    return new KeptDispatch(this.held, this.#dispatched, registrations(this.held.thing, this.event));
  }

  #late(): readonly Registration[] {
    const now = registrations(this.held.thing, this.event);
    return filter(now, (one) => !includes(this.#heardBy, one) && !isInternal(one));
  }

  #give(): void {
    const late = this.#late();
    if (!this.wasHeard) this.#dispatched.toAll();
    else if (late.length === 0) return;
    else if (isOnCarrier()) globals.nextTick(() => this.#dispatched.to(late));
    else this.#dispatched.to(late);
  }
}

/** An EventTarget that suspended pieces have made or were given. */
export class HeldTarget extends Held {
  readonly thing: EventTarget;
  readonly endsByError = false;

  readonly #covers: readonly (readonly [PropertyKey, AnyFunction])[] = [
    [hybridDispatch, (...args: never[]) => this.#dispatch(new Dispatched(this.thing, args))],
    ['addEventListener', (...args: never[]) => this.#add(args)],
  ];

  private constructor(target: EventTarget) {
    super();
    this.thing = target;
  }

  /** That of a target. */
  static of(target: EventTarget): HeldTarget {
    const found = all.get(target) ?? new HeldTarget(target);
    all.set(target, found);
    return found;
  }

  override stop(queue: Keeper): void {
    const delivery = stopDelivery(this.thing);
    if (delivery !== undefined) queue.hasStopped(delivery, this);
  }

  /** The program has closed a target: it gets no more of what waits. */
  static drop(target: EventTarget): void {
    const held = all.get(target);
    if (held !== undefined) for (const owner of held.owners) owner.take(held, () => true);
  }

  override cover(): void {
    for (const cover of each(this.#covers)) {
      const [name, value] = each(cover) as unknown as [PropertyKey, AnyFunction];
      if (Object.hasOwn(this.thing, name)) continue;
      Reflect.defineProperty(this.thing, name, { value, writable: true, configurable: true });
    }
  }

  override uncover(): void {
    for (const cover of each(this.#covers)) {
      const [name, value] = each(cover) as unknown as [PropertyKey, AnyFunction];
      // Not what other code has put there meanwhile.
      if (ownValue(this.thing, name) === value) Reflect.deleteProperty(this.thing, name);
    }
  }

  #dispatch(dispatched: Dispatched): unknown {
    const { type, value } = dispatched;
    const heardBy = registrations(this.thing, type);
    const internal = filter(heardBy, isInternal);
    const passes = internal.length < heardBy.length;
    const keepForAll = (queue: Keeper): boolean => {
      if (!queue.keep(new KeptDispatch(this, dispatched, internal), [value])) return false;
      if (!queue.hasEnded) queue.losePatienceSoon(this);
      if (internal.length > 0) dispatched.to(internal);
      return true;
    };
    const { giving } = this;
    if (giving !== undefined && !isOnCarrier() && keepForAll(giving)) return true;
    const queue = this.queueFor();
    if (queue === undefined) return dispatched.toAll();
    // A program that dispatches an event goes on when its listeners are done.
    if (passes && !isOnCarrier() && queue.holdsForAll(this, type) && keepForAll(queue)) return true;
    const mayWait = !passes || queue.keepsForLater(this, type);
    const waiting = mayWait ? new KeptDispatch(this, dispatched, heardBy) : undefined;
    const kept = waiting && queue.keep(waiting, [value], heardBy.length > 0) ? waiting : undefined;
    if (heardBy.length === 0 && kept !== undefined) return true;
    return this.giveNow(queue, kept, passes, () => dispatched.toAll());
  }

  #add(args: readonly unknown[]): unknown {
    if (this.waiting > 0) this.giveDueSoon();
    return Reflect.apply(
      Reflect.get(Object.getPrototypeOf(this.thing), 'addEventListener', this.thing),
      this.thing,
      args,
    );
  }
}
