// Values on their way between two threads. Values that structured clone can carry go as they are; a Buffer, an error, an object
// without a prototype, and values that cannot be cloned go as marked objects. Imported by both threads: it must stay free of the runtime.
// More than 400 lines, since writing and reading each kind of value belong side by side.
import { builtin } from '../base/builtins.js';
import { each, includes, push } from '../base/primordials.js';
import { MOST_CHARACTERS } from './mailbox.js';

const { types } = builtin<typeof import('node:util')>('util');
const { Blob } = builtin<typeof import('node:buffer')>('buffer');
const { MessagePort } = builtin<typeof import('node:worker_threads')>('worker_threads');

/** Marks an object that stands for another value. */
export const MARK = '\0aevent';

/** A marked object. */
export interface Marked {
  readonly [MARK]: string;
  readonly [key: string]: unknown;
}

/** The thread's answers about values that cannot be cloned. */
export interface References {
  /** Gives the mark of an object or function that stays here, or that has come from the other thread. */
  refer(value: object): Marked;
  /** True for an object that is to stay here, though it could be cloned. */
  stays(value: object): boolean;
  /** The object or function that a mark of {@link refer} of the other thread stands for. */
  resolve(mark: Marked): unknown;
  /** The mark of an error that the other thread is to know again when it comes back, or has sent itself. */
  originOf(error: Error): Marked | undefined;
  /** Remembers where an error, or a copy of an object, came from. */
  adopt(origin: Marked, made: object): void;
  /** The id of an object of which the other thread gets a copy, and that it gets back in the copy's place. */
  keep?(value: object): number;
  /** Describes an error's class for {@link classOf} of the other thread. */
  describe?(error: Error): unknown;
  /** Gives an error its class's prototype. */
  classOf(mark: Marked): object | undefined;
}

/** An encoded value, and the buffers that must be transferred with it. */
export interface Encoding {
  readonly transfer: ArrayBuffer[];
  readonly references: References | undefined;
  seen: Map<object, unknown> | undefined;
  /** Whether all of it is the same after `JSON.parse(JSON.stringify())`. */
  isPlain: boolean;
  /** About how many characters it has as JSON. */
  size: number;
}

/** Whether an encoding may go through shared memory. */
export function isSmallAndPlain({ isPlain, size, transfer }: Encoding): boolean {
  return isPlain && size <= MOST_CHARACTERS && transfer.length === 0;
}

/** Encodes one message's values. @param references - none: nothing but clones */
export function encoding(references?: References): Encoding {
  return { transfer: [], references, seen: undefined, isPlain: true, size: 0 };
}

/** Gives the message for `value`. @throws TypeError `AEVENT_NOT_CLONEABLE` */
export function encode(value: unknown, into: Encoding): unknown {
  if (typeof value === 'symbol') return symbolMark(value);
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    notePrimitive(value, into);
    return value;
  }
  const known = into.seen?.get(value);
  if (known !== undefined) {
    into.isPlain = false;
    return known;
  }
  const made = encodeObject(value, into);
  into.seen ??= new Map();
  into.seen.set(value, made);
  return made;
}

function notePrimitive(value: unknown, into: Encoding): void {
  into.size += 5;
  if (typeof value === 'string') into.size += value.length;
  else if (typeof value === 'number') into.isPlain &&= Number.isFinite(value) && !Object.is(value, -0);
  else if (typeof value !== 'boolean' && value !== null) into.isPlain = false;
}

/** As {@link encode}, for a function's value: a plain object that the other thread gives back is the same one. */
export function encodeResult(value: unknown, into: Encoding): unknown {
  const { references } = into;
  if (references?.keep === undefined || !isData(value) || references.stays(value)) return encode(value, into);
  return { [MARK]: 'copy', id: references.keep(value), value: encode(value, into) };
}

/** As {@link encode}, for a thrown value: an object that is no error is the same one when the other thread throws it back. */
export function encodeThrown(value: unknown, into: Encoding): unknown {
  const { references } = into;
  const isKept = references?.keep !== undefined && typeof value === 'object' && value !== null;
  return isKept && !(value instanceof Error) ? references.refer(value) : encode(value, into);
}

function isData(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function encodeObject(value: object, into: Encoding): unknown {
  const { references } = into;
  if (typeof value === 'function' || types.isProxy(value)) return refer(value, into);
  if (references?.stays(value)) return references.refer(value);
  if (Array.isArray(value)) return encodeArray(value, into);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return encodeRecord(value, into, false);
  if (prototype === null) return encodeRecord(value, into, true);
  if (Buffer.isBuffer(value)) return { [MARK]: 'buffer', bytes: exactBytes(value, into) };
  // An error of an old-fashioned class is no native one.
  if (types.isNativeError(value) || value instanceof Error) return encodeError(value, into);
  if (types.isMap(value)) return encodeMap(value, into);
  if (types.isSet(value)) return encodeSet(value, into);
  if (isCloneable(value) || references === undefined) {
    into.isPlain = false;
    return value;
  }
  return refer(value, into);
}

function refer(value: object, { references }: Encoding): Marked {
  if (references !== undefined) return references.refer(value);
  const what = typeof value === 'function' ? `the function ${value.name || '(anonymous)'}` : 'a proxy';
  throw Object.assign(
    new TypeError(
      `${what} cannot be given to another thread: structured clone does not take it. Give data, or use aevent.inThread().`,
    ),
    { code: 'AEVENT_NOT_CLONEABLE' },
  );
}

function isCloneable(value: object): boolean {
  return (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value) ||
    types.isKeyObject(value) ||
    types.isCryptoKey(value) ||
    value instanceof Blob ||
    value instanceof MessagePort
  );
}

/** A Buffer may be part of a pool, all of which would be cloned. A copy can be transferred. */
function exactBytes(buffer: Uint8Array, into: Encoding): Uint8Array {
  into.isPlain = false;
  if (types.isSharedArrayBuffer(buffer.buffer))
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  const copy = new Uint8Array(buffer);
  push(into.transfer, copy.buffer as ArrayBuffer);
  return copy;
}

function encodeArray(list: unknown[], into: Encoding): unknown[] {
  into.seen ??= new Map();
  const made: unknown[] = new Array(list.length);
  into.seen.set(list, made);
  const keys = Object.keys(list);
  if (keys.length !== list.length) into.isPlain = false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as unknown as number;
    made[key] = encode(list[key], into);
  }
  return made;
}

function encodeRecord(value: object, into: Encoding, isBare: boolean): object {
  into.seen ??= new Map();
  const made: Record<string, unknown> = {};
  const marked = isBare ? { [MARK]: 'bare', value: made } : made;
  into.seen.set(value, marked);
  const keys = Object.keys(value);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    into.size += key.length;
    setOwn(made, key, encode((value as Record<string, unknown>)[key], into));
  }
  return marked;
}

function setOwn(made: object, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(made, key, { value, writable: true, enumerable: true, configurable: true });
  else (made as Record<string, unknown>)[key] = value;
}

function encodeMap(map: Map<unknown, unknown>, into: Encoding): Map<unknown, unknown> {
  const made = new globalThis.Map<unknown, unknown>();
  into.isPlain = false;
  into.seen ??= new Map();
  into.seen.set(map, made);
  map.forEach((value, key) => void made.set(encode(key, into), encode(value, into)));
  return made;
}

function encodeSet(set: Set<unknown>, into: Encoding): Set<unknown> {
  const made = new globalThis.Set<unknown>();
  into.isPlain = false;
  into.seen ??= new Map();
  into.seen.set(set, made);
  set.forEach((value) => void made.add(encode(value, into)));
  return made;
}

function encodeError(error: Error, into: Encoding): Marked {
  const mark: Record<string, unknown> = { [MARK]: 'error' };
  into.seen ??= new Map();
  into.seen.set(error, mark);
  // Where the other thread has this very error, it gets that.
  mark.origin = into.references?.originOf(error);
  mark.chain = into.references?.describe?.(error);
  mark.base = baseOf(error);
  mark.className = error.constructor?.name;
  const own: [string, unknown][] = [];
  for (const key of each(Object.getOwnPropertyNames(error))) {
    const descriptor = Object.getOwnPropertyDescriptor(error, key);
    const isStack = key === 'stack';
    if (!isStack && !(descriptor !== undefined && 'value' in descriptor)) continue;
    let value: unknown = isStack ? error.stack : descriptor?.value;
    try {
      value = encode(value, into);
    } catch {
      continue; // a property that cannot be cloned
    }
    push(own, [key, value]);
  }
  mark.own = own;
  // On Node 20 it may be the prototype's.
  mark.name = error.name;
  return mark as Marked;
}

const errors: Record<string, ErrorConstructor | typeof DOMException> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError: AggregateError as unknown as ErrorConstructor,
};

function baseOf(error: Error): string {
  for (let proto: unknown = error; proto !== null; proto = Object.getPrototypeOf(proto)) {
    const { constructor: type } = proto as { constructor?: { name: string } };
    if (type !== undefined && errors[type.name] === (type as unknown)) return type.name;
  }
  return 'Error';
}

const classes = new Map<string, object>();

/** The prototype of an error of a class that this thread has not. */
function standInPrototype(className: string, base: string): object {
  const parent = errors[base] as ErrorConstructor;
  if (className === base) return parent.prototype as object;
  const key = `${className} ${base}`;
  let found = classes.get(key);
  if (found === undefined) {
    const made = {
      [className]: class extends parent {
        constructor(message?: string) {
          super(message);
        }
      },
    }[className] as ErrorConstructor;
    found = made.prototype as object;
    classes.set(key, found);
  }
  return found;
}

function symbolMark(symbol: symbol): Marked {
  const registered = Symbol.keyFor(symbol);
  if (registered !== undefined) return { [MARK]: 'symbol', registered };
  const { description } = symbol;
  const wellKnown = description?.startsWith('Symbol.') ? description.slice('Symbol.'.length) : undefined;
  if (wellKnown !== undefined && (Symbol as unknown as Record<string, unknown>)[wellKnown] === symbol)
    return { [MARK]: 'symbol', wellKnown };
  throw Object.assign(
    new TypeError(`${String(symbol)} cannot be given to another thread: it would be another symbol there.`),
    { code: 'AEVENT_NOT_CLONEABLE' },
  );
}

/**
 * Gives the value that was encoded; changes its argument.
 * @param isPlain - no two places of it have one object
 */
export function decode(value: unknown, references?: References, isPlain = false): unknown {
  return decodeAny(value, references, isPlain ? undefined : new Map());
}

type Seen = Map<object, unknown> | undefined;

function decodeAny(value: unknown, references: References | undefined, seen: Seen): unknown {
  return typeof value === 'object' && value !== null ? decodeObject(value, references, seen) : value;
}

function decodeObject(value: object, references: References | undefined, seen: Seen): unknown {
  const known = seen?.get(value);
  if (known !== undefined) return known;
  const mark = (value as Marked)[MARK];
  if (typeof mark === 'string') return decodeMarked(value as Marked, references, seen);
  seen?.set(value, value);
  if (Array.isArray(value)) {
    const keys = Object.keys(value);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as unknown as number;
      const item: unknown = value[key];
      if (typeof item === 'object' && item !== null) value[key] = decodeObject(item, references, seen);
    }
  } else if (types.isMap(value)) {
    const entries: unknown[] = [];
    value.forEach((item, key) => {
      push(entries, key);
      push(entries, item);
    });
    value.clear();
    for (let i = 0; i < entries.length; i += 2)
      value.set(decodeAny(entries[i], references, seen), decodeAny(entries[i + 1], references, seen));
  } else if (types.isSet(value)) {
    const items: unknown[] = [];
    value.forEach((item) => void push(items, item));
    value.clear();
    for (const item of each(items)) value.add(decodeAny(item, references, seen));
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    const record = value as Record<string, unknown>;
    const keys = Object.keys(record);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const item = record[key];
      if (typeof item === 'object' && item !== null)
        setOwn(record, key, decodeObject(item, references, seen));
    }
  }
  return value;
}

function decodeMarked(mark: Marked, references: References | undefined, seen: Seen): unknown {
  switch (mark[MARK]) {
    case 'buffer': {
      const { buffer, byteOffset, length } = mark.bytes as Uint8Array;
      return remember(Buffer.from(buffer, byteOffset, length));
    }
    case 'bare': {
      const { value } = mark as unknown as { value: Record<string, unknown> };
      const made = Object.create(null);
      seen?.set(mark, made);
      for (const key of each(Object.keys(value))) made[key] = decodeAny(value[key], references, seen);
      return made;
    }
    case 'error':
      return decodeError(mark, references, seen);
    case 'copy': {
      const made = decodeAny(mark.value, references, seen) as object;
      references?.adopt(mark, made);
      return made;
    }
    case 'symbol':
      return mark.wellKnown === undefined
        ? Symbol.for(mark.registered as string)
        : (Symbol as unknown as Record<string, unknown>)[mark.wellKnown as string];
    default:
      return remember(references?.resolve(mark));
  }
  function remember<T>(made: T): T {
    seen?.set(mark, made);
    return made;
  }
}

function decodeError(mark: Marked, references: References | undefined, seen: Seen): unknown {
  const origin = mark.origin as Marked | undefined;
  if (origin?.[MARK] === 'back') return references?.resolve(origin);
  const prototype =
    references?.classOf(mark) ?? standInPrototype(String(mark.className), mark.base as string);
  const limit = Error.stackTraceLimit;
  let error: Error;
  try {
    Error.stackTraceLimit = 0;
    error = new Error();
  } finally {
    Error.stackTraceLimit = limit;
  }
  seen?.set(mark, error);
  for (const property of each(mark.own as [string, unknown][])) {
    const key = property[0];
    Object.defineProperty(error, key, {
      value: decodeAny(property[1], references, seen),
      writable: true,
      configurable: true,
      enumerable: !includes(['stack', 'message', 'cause', 'errors'], key),
    });
  }
  Object.setPrototypeOf(error, prototype);
  if (error.name !== mark.name)
    Object.defineProperty(error, 'name', { value: mark.name, writable: true, configurable: true });
  if (origin !== undefined) references?.adopt(origin, error);
  return error;
}
