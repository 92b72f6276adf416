// The things that wait for one suspended piece, in order. Thousands of messages may wait for a listener, whose queue passes them on to that
// of the next call each time. So they lie in runs, of neighbours that belong to one emitter: a run is passed on as one. In it are
// stretches, of neighbours that are due together: one is looked at for all of them.
// Guarded by test/monkey/bursts.test.ts.
import type { Held, Waiting } from './held.js';

export interface Entry {
  readonly waiting: Waiting;
  /** By this entries of several queues are put in the order in which they came. */
  readonly at: number;
  /** Things of one batch came with no microtasks in between. */
  readonly batch: number;
  /** It is an event that listeners have got, and waits for later ones. */
  readonly heard: boolean;
  /** The one after it in its run. */
  next?: Entry | undefined;
  stretch?: Stretch;
}

/** Neighbours in a run that are due when one of them is. */
interface Stretch {
  last: Entry;
  length: number;
}

/** Neighbours that belong to one emitter, and of which all or none {@link takesTurn}. */
export class Run {
  readonly held: Held;
  readonly takesTurn: boolean;
  length = 0;
  heard = 0;
  /** No entry came after that. */
  latest = 0;
  first: Entry | undefined;
  #last: Entry | undefined;
  /** The one after it in its queue. */
  next: Run | undefined;

  constructor({ waiting }: Entry) {
    this.held = waiting.held;
    this.takesTurn = takesTurn(waiting);
  }

  fits({ waiting }: Entry): boolean {
    return waiting.held === this.held && takesTurn(waiting) === this.takesTurn;
  }

  push(entry: Entry): void {
    const before = this.#last;
    if (
      before !== undefined &&
      before.heard === entry.heard &&
      entry.waiting.isAlike?.(before.waiting) === true
    )
      entry.stretch = before.stretch as Stretch;
    else entry.stretch = { last: entry, length: 0 };
    entry.stretch.last = entry;
    entry.stretch.length++;
    this.#link(entry, entry, 1, entry.heard ? 1 : 0, entry.at);
  }

  #link(first: Entry, last: Entry, length: number, heard: number, latest: number): void {
    if (latest > this.latest) this.latest = latest;
    if (this.#last === undefined) this.first = first;
    else this.#last.next = first;
    this.#last = last;
    this.length += length;
    this.heard += heard;
  }

  /** Adds those of a run whose entries fit here. */
  join(run: Run): void {
    this.#link(run.first as Entry, run.#last as Entry, run.length, run.heard, run.latest);
  }

  shift(): Entry {
    const entry = this.first as Entry;
    (entry.stretch as Stretch).length--;
    this.#drop(entry, 1);
    return entry;
  }

  /** Takes the first entry out, with those that are due when it is. */
  shiftStretch(): Run {
    const first = this.first as Entry;
    const { last, length } = first.stretch as Stretch;
    this.#drop(last, length);
    const run = new Run(first);
    run.#link(first, last, length, first.heard ? length : 0, this.latest);
    return run;
  }

  has(event: string | symbol): boolean {
    return this.#some((waiting) => waiting.event === event);
  }

  /** True if one of them does: see {@link Waiting.followsBytes}. */
  get followBytes(): boolean {
    return this.#some((waiting) => waiting.followsBytes === true);
  }

  #some(isFound: (waiting: Waiting) => boolean): boolean {
    for (let one = this.first; one !== undefined; one = one.stretch?.last.next)
      if (isFound(one.waiting)) return true;
    return false;
  }

  /** The same of all. */
  shiftAll(): Run {
    const run = new Run(this.first as Entry);
    run.join(this);
    this.first = this.#last = undefined;
    this.length = this.heard = 0;
    return run;
  }

  /** Drops the first ones, which are alike. */
  #drop(last: Entry, length: number): void {
    this.first = last.next;
    if (this.first === undefined) this.#last = undefined;
    last.next = undefined;
    this.length -= length;
    if (last.heard) this.heard -= length;
  }
}

/** True for what waits for its turn as long as its emitter has a suspended listener. */
const takesTurn = ({ event, isNext }: Waiting): boolean => event !== undefined || isNext === true;

export class Entries {
  length = 0;
  /** How many are {@link Entry.heard}. */
  heard = 0;
  #first: Run | undefined;
  #last: Run | undefined;

  get first(): Entry | undefined {
    return this.#first?.first;
  }

  push(entry: Entry): void {
    if (this.#last?.fits(entry) !== true) this.#add(new Run(entry));
    this.#last?.push(entry);
    this.length++;
    if (entry.heard) this.heard++;
  }

  append(run: Run): void {
    if (run.first === undefined) return;
    this.length += run.length;
    this.heard += run.heard;
    if (this.#last?.fits(run.first) === true) this.#last.join(run);
    else this.#add(run);
  }

  #add(run: Run): void {
    run.next = undefined;
    if (this.#last === undefined) this.#first = run;
    else this.#last.next = run;
    this.#last = run;
  }

  /** Adds all of `others`, which has none then. */
  appendAll(others: Entries): void {
    for (let run = others.shiftRun(); run !== undefined; run = others.shiftRun()) this.append(run);
  }

  /** Has entries of another queue, which has none then, wait where they belong by the time at which they came. */
  join(others: Entries): void {
    const own = new Entries();
    if (this.length > 0) own.appendAll(this);
    for (let run = own.#first; run !== undefined; run = own.#first) {
      const { at } = run.first as Entry;
      const other = others.#first;
      const came = other?.first?.at ?? Infinity;
      if (came >= run.latest) this.append(own.shiftRun() as Run);
      else if (came >= at) this.push(own.shift() as Entry);
      else if ((other as Run).latest < at) this.append(others.shiftRun() as Run);
      else this.push(others.shift() as Entry);
    }
    this.appendAll(others);
  }

  static of(run: Run): Entries {
    const entries = new Entries();
    entries.append(run);
    return entries;
  }

  shift(): Entry | undefined {
    const run = this.#first;
    if (run === undefined) return undefined;
    const entry = run.shift();
    this.length--;
    if (entry.heard) this.heard--;
    if (run.length === 0) this.#dropFirst(run);
    return entry;
  }

  shiftRun(): Run | undefined {
    const run = this.#first;
    if (run === undefined) return undefined;
    this.length -= run.length;
    this.heard -= run.heard;
    this.#dropFirst(run);
    return run;
  }

  #dropFirst(run: Run): void {
    this.#first = run.next;
    if (this.#first === undefined) this.#last = undefined;
  }

  has(held: Held, event?: string | symbol): boolean {
    return this.#some((run) => run.held === held && (event === undefined || run.has(event)));
  }

  hasOf(isOf: (held: Held) => boolean): boolean {
    return this.#some(({ held }) => isOf(held));
  }

  #some(isFound: (run: Run) => boolean): boolean {
    for (let run = this.#first; run !== undefined; run = run.next) if (isFound(run)) return true;
    return false;
  }

  /** How many belong to one emitter. */
  countOf(held: Held): number {
    let count = 0;
    for (let run = this.#first; run !== undefined; run = run.next) if (run.held === held) count += run.length;
    return count;
  }

  forEachOf(held: Held, see: (waiting: Waiting) => void): void {
    for (let run = this.#first; run !== undefined; run = run.next)
      if (run.held === held) for (let one = run.first; one !== undefined; one = one.next) see(one.waiting);
  }

  /** Takes those out that belong to certain emitters, and of these only certain ones. */
  take(isOf: (held: Held) => boolean, isTaken?: (waiting: Waiting) => boolean): Entries {
    const taken = new Entries();
    if (!this.#some(({ held }) => isOf(held))) return taken;
    const all = new Entries();
    all.appendAll(this);
    for (let run = all.shiftRun(); run !== undefined; run = all.shiftRun())
      if (!isOf(run.held)) this.append(run);
      else if (isTaken === undefined) taken.append(run);
      else
        while (run.length > 0) {
          const entry = run.shift();
          (isTaken(entry.waiting) ? taken : this).push(entry);
        }
    return taken;
  }
}
