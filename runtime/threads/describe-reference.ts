// Describes an object of the thread's, so that the host can make one that looks like it: the methods of its prototypes, which
// are told once, and its own properties' names.
import { each, includes, ownValue, part, push, startsWith } from '../base/primordials.js';
import { MARK, type Marked } from './codec.js';

/** A member of a prototype. */
export interface Member {
  /** For a symbol, what {@link symbolName} gives. */
  readonly name: string;
  readonly isMethod?: boolean;
  readonly isSymbol?: boolean;
  /** Of a constant. */
  readonly value?: string | number | boolean;
}

/** A prototype. */
export interface Described {
  readonly id: number;
  readonly members?: readonly Member[];
  /** Another one, or the name of a class that both threads have. */
  readonly parent?: Described | string | null;
  readonly className?: string;
}

/** Prototypes that both threads have. */
export const shared: ReadonlyMap<object | null, string> = new Map<object | null, string>([
  [Object.prototype, 'Object'],
  [Function.prototype, 'Function'],
  [Error.prototype, 'Error'],
  [TypeError.prototype, 'TypeError'],
  [RangeError.prototype, 'RangeError'],
  [Array.prototype, 'Array'],
  [Promise.prototype, 'Promise'],
  [Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())), 'Iterator'],
]);

const described = new WeakMap<object, number>();
let lastId = 0;

/** The mark of `value`, which is sent as `id`. */
export function describeReference(id: number, value: object): Marked {
  const isFunction = typeof value === 'function';
  const own = Object.getOwnPropertyNames(value);
  const chain = describePrototype(Object.getPrototypeOf(value));
  const brands = brandsOf(value);
  const common = {
    id,
    chain,
    own: isFunction ? own : own.slice(0, 100),
    ...(brands.length > 0 && { brands }),
  };
  if (!isFunction) {
    const isIterator =
      typeof (value as Partial<Iterator<unknown>>).next === 'function' && Symbol.iterator in value;
    const kind = value instanceof Promise ? 'promise' : Array.isArray(value) ? 'array' : 'object';
    return { [MARK]: 'object', kind, isIterator, ...common };
  }
  const prototype: unknown = isClassLike(value) ? value.prototype : undefined;
  return {
    [MARK]: 'function',
    ...common,
    name: value.name,
    length: value.length,
    prototype: typeof prototype === 'object' && prototype !== null ? describePrototype(prototype) : undefined,
  };
}

/** Constants of an object's own by symbols that both threads have. */
function brandsOf(value: object): Member[] {
  const found: Member[] = [];
  for (const key of each(Object.getOwnPropertySymbols(value))) {
    const name = symbolName(key);
    const constant = ownValue(value, key);
    if (name !== undefined && isConstant(constant)) push(found, { name, value: constant });
  }
  return found;
}

function isConstant(value: unknown): value is string | number | boolean {
  return includes(['string', 'number', 'boolean'], typeof value);
}

function isClassLike(value: object): value is { prototype: unknown } {
  return Object.hasOwn(value, 'prototype');
}

/** Describes a prototype: all of it the first time. */
export function describePrototype(prototype: object | null): Described | string | null {
  if (prototype === null) return null;
  const name = shared.get(prototype);
  if (name !== undefined) return name;
  const known = described.get(prototype);
  if (known !== undefined) return { id: known };
  const id = ++lastId;
  described.set(prototype, id);
  const members: Member[] = [];
  for (const key of each(Reflect.ownKeys(prototype))) {
    if (key === 'constructor') continue;
    const name = typeof key === 'symbol' ? symbolName(key) : key;
    if (name === undefined) continue;
    const value = ownValue(prototype, key);
    push(members, {
      name,
      ...(typeof value === 'function' && { isMethod: true }),
      ...(typeof key === 'symbol' && { isSymbol: true }),
      ...(isConstant(value) && { value }),
    });
  }
  return {
    id,
    members,
    className: prototype.constructor?.name ?? '',
    parent: describePrototype(Object.getPrototypeOf(prototype)),
  };
}

const REGISTERED = 'for:';

/** The symbol that {@link symbolName} of the other thread names. */
export function symbolOf(name: string): symbol | undefined {
  if (startsWith(name, REGISTERED)) return Symbol.for(part(name, REGISTERED.length));
  return (Symbol as unknown as Record<string, symbol>)[name];
}

/** The name of a symbol that both threads have. */
function symbolName(symbol: symbol): string | undefined {
  const registered = Symbol.keyFor(symbol);
  if (registered !== undefined) return `${REGISTERED}${registered}`;
  const name = symbol.description?.replace(/^Symbol\./, '') ?? '';
  return (Symbol as unknown as Record<string, unknown>)[name] === symbol ? name : undefined;
}
