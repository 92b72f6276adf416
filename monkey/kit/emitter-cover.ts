// Methods that are put over those of one emitter, and taken away again. The emitter must look and be as fast afterwards as before.
// An object that has lost a property is slow for ever: V8 keeps its properties in a table from then on, and a server's messages are
// looked at some hundred times after a wait. So a prototype is put in between. An object of its own methods, which may look for
// those of its prototype, has properties put over them.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { each, find, ownValue, pop, push, some } from '../../runtime/base/primordials.js';
import { isInterface, lineMethod } from './held-interface.js';

const { types } = builtin<typeof import('node:util')>('util');

/** The methods that are covered. */
const NAMES = [
  'emit',
  'resume',
  'listenerCount',
  'removeAllListeners',
  'destroy',
  'push',
  'read',
  '_read',
] as const;
/** An interface of `readline` has two more. */
export type Name = (typeof NAMES)[number] | 'close' | symbol;

/** Does the work of the methods. */
export interface Covered {
  readonly thing: EventEmitter;
  /** False for a method that the emitter is to do by itself. */
  covers(name: Name): boolean;
  do(name: Name, args: readonly unknown[]): unknown;
}

/** A cover that is a property of the emitter. */
interface Placed {
  readonly name: Name;
  readonly before: PropertyDescriptor | undefined;
  readonly cover: AnyFunction;
}

const namesOf = (emitter: object): readonly Name[] =>
  isInterface(emitter) ? [...NAMES, 'close', lineMethod()] : NAMES;

const all = new WeakMap<EventEmitter, Cover>();

/** The one that was given to the {@link Cover} of an emitter. */
export const coveredBy = (emitter: EventEmitter): Covered | undefined => all.get(emitter)?.covered;

/** That of one emitter; an emitter has one for ever. */
export class Cover {
  readonly covered: Covered;
  isOn = false;
  /** The methods that are covered by properties of its own, each with the property that was there. */
  readonly #placed: Placed[] = [];
  /** True if other code has put a method over ours meanwhile, which calls it. */
  #isWrapped = false;

  constructor(covered: Covered) {
    this.covered = covered;
    all.set(covered.thing, this);
  }

  put(): void {
    this.isOn = true;
    const { covered } = this;
    if (this.#isWrapped || putPrototype(covered.thing)) return;
    for (const name of each(namesOf(covered.thing))) if (covered.covers(name)) this.#place(name);
  }

  /** Leaves the emitter as it was. */
  take(): void {
    this.isOn = false;
    if (this.#isWrapped) return;
    const { thing: emitter } = this.covered;
    this.#isWrapped =
      this.#placed.length === 0
        ? some(NAMES, (name) => Object.hasOwn(emitter, name))
        : some(this.#placed, ({ name, cover }) => ownValue(emitter, name) !== cover);
    const below = prototypeBelow(emitter);
    if (below !== Object.getPrototypeOf(emitter)) Reflect.setPrototypeOf(emitter, below);
    if (this.#isWrapped) return;
    for (let placed = pop(this.#placed); placed !== undefined; placed = pop(this.#placed))
      this.#remove(placed);
  }

  /** To be called by what was put over a method. */
  enter(name: Name, args: readonly unknown[]): unknown {
    return this.isOn && this.covered.covers(name) ? this.covered.do(name, args) : this.callBelow(name, args);
  }

  /** Calls the emitter's own method. */
  callBelow(name: Name, args: readonly unknown[]): unknown {
    return Reflect.apply(this.#below(name), this.covered.thing, args as never);
  }

  #below(name: Name): AnyFunction {
    const { thing: emitter } = this.covered;
    const placed = find(this.#placed, (one) => one.name === name);
    if (placed?.before !== undefined) return placed.before.value;
    // Not a method that other code has put over ours meanwhile: that calls ours.
    return Reflect.get(prototypeBelow(emitter), name, emitter);
  }

  #place(name: Name): void {
    const { thing: emitter } = this.covered;
    const before = Object.getOwnPropertyDescriptor(emitter, name);
    const cover = (...args: never[]): unknown => this.enter(name, args);
    push(this.#placed, { name, before, cover });
    Reflect.defineProperty(emitter, name, { value: cover, writable: true, configurable: true });
  }

  #remove({ name, before }: Placed): void {
    const { thing: emitter } = this.covered;
    if (before === undefined) Reflect.deleteProperty(emitter, name);
    else Reflect.defineProperty(emitter, name, before);
  }
}

/** By a prototype that was put in between, the one below it, and the other way round. */
const belows = new WeakMap<object, object>();
const betweens = new WeakMap<object, object>();

/** Puts methods between an emitter and its prototype; false where that cannot be. */
function putPrototype(emitter: EventEmitter): boolean {
  if (types.isProxy(emitter) || some(namesOf(emitter), (name) => Object.hasOwn(emitter, name))) return false;
  const prototype = Object.getPrototypeOf(emitter) as object | null;
  return prototype !== null && Reflect.setPrototypeOf(emitter, betweenFor(prototype));
}

/** The prototype of an emitter, without the one that is put in between. */
export function prototypeBelow(emitter: EventEmitter): object {
  const prototype = Object.getPrototypeOf(emitter) as object;
  return belows.get(prototype) ?? prototype;
}

function betweenFor(prototype: object): object {
  const known = betweens.get(prototype);
  if (known !== undefined) return known;
  const between = Object.create(prototype) as object;
  for (const name of each(namesOf(prototype))) {
    if (!(name in prototype)) continue;
    const value = function (this: EventEmitter, ...args: unknown[]): unknown {
      // None for an object that has the emitter as its prototype.
      const cover = all.get(this);
      return cover === undefined
        ? Reflect.apply(Reflect.get(prototype, name, this), this, args)
        : cover.enter(name, args);
    };
    Object.defineProperty(between, name, { value, writable: true, configurable: true });
  }
  belows.set(between, prototype);
  betweens.set(prototype, between);
  return between;
}
