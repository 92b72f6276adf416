// The sync forms wait for the callback forms of the same name, which work in libuv's thread pool. What is small and
// bounded by its arguments runs natively under the budget.

import { builtin } from '../../../runtime/base/builtins.js';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { each, reduce, some } from '../../../runtime/base/primordials.js';
import { cheaply } from '../../../runtime/patching/cheap-calls.js';
import { inTaskAfterPiece } from '../../../runtime/suspension/in-task.js';
import { isNodes } from '../../../runtime/suspension/internally.js';
import { madeHere } from '../../../runtime/suspension/pieces.js';
import { callingBack } from '../../kit/callback-in-task.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { type Done, inPool, unlessLeftAlone } from '../../kit/thread-pool.js';

type Crypto = typeof import('node:crypto');
type Anything = (...args: unknown[]) => unknown;

const real = builtin<Crypto>('crypto');
const { isAnyArrayBuffer } = builtin<typeof import('node:util')>('util').types;
const functions = real as unknown as Record<string, Anything | undefined>;

/** Hashing or making up this many bytes takes about 0.1 ms, a tenth of the default `maxBlockMs`. */
const SMALL_BYTES = 65536;
/** So do this many rounds of pbkdf2. */
const SMALL_ROUNDS = 100;
const SHORTEST_DIGEST_BYTES = 20;

/** How a function without a callback waits for the one with it. */
interface Form {
  /** The function that takes a callback. */
  readonly callback: string;
  /** How many arguments come before the callback. */
  readonly arity: number;
  /** Values for arguments that are undefined, where the callback form has no defaults. */
  readonly defaults?: readonly unknown[];
  /** True for arguments with which it is over so soon that it may as well run natively. */
  readonly small?: (args: readonly unknown[]) => boolean;
  /** Makes one value of those that the callback gets. */
  readonly result?: (...values: never[]) => unknown;
}

/** How many bytes an argument has, or about as many; 0 for what has none, which Node refuses. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value) || isAnyArrayBuffer(value)) return value.byteLength;
  return value instanceof real.KeyObject ? (value.symmetricKeySize ?? 0) : 0;
}

function smallBytes(...values: readonly unknown[]): boolean {
  return reduce(values, (sum: number, value) => sum + bytesOf(value), 0) <= SMALL_BYTES;
}

/** Functions that have a callback form of another name. */
const syncForms: Readonly<Record<string, Form>> = {
  argon2Sync: { callback: 'argon2', arity: 2 },
  checkPrimeSync: { callback: 'checkPrime', arity: 2, defaults: [undefined, {}] },
  generateKeyPairSync: {
    callback: 'generateKeyPair',
    arity: 2,
    result: (publicKey: unknown, privateKey: unknown) => ({ publicKey, privateKey }),
  },
  generateKeySync: { callback: 'generateKey', arity: 2, small: (args) => args[0] === 'aes' },
  generatePrimeSync: { callback: 'generatePrime', arity: 2, defaults: [undefined, {}] },
  hkdfSync: {
    callback: 'hkdf',
    arity: 5,
    small: (args) => smallBytes(args[1], args[2], args[3]),
  },
  pbkdf2Sync: {
    callback: 'pbkdf2',
    arity: 5,
    small: (args) =>
      smallBytes(args[0], args[1]) &&
      Number.isInteger(args[2]) &&
      (args[2] as number) * Math.ceil((args[3] as number) / SHORTEST_DIGEST_BYTES) <= SMALL_ROUNDS,
  },
  randomFillSync: {
    callback: 'randomFill',
    arity: 3,
    defaults: [undefined, 0],
    small: (args) => smallBytes(args[0]),
  },
  scryptSync: { callback: 'scrypt', arity: 4 },
};

/** Functions that wait unless they are given a callback. */
const eitherForms: Readonly<Record<string, Form>> = {
  decapsulate: { callback: 'decapsulate', arity: 2 },
  diffieHellman: { callback: 'diffieHellman', arity: 1 },
  encapsulate: { callback: 'encapsulate', arity: 1 },
  randomBytes: { callback: 'randomBytes', arity: 1, small: (args) => (args[0] as number) <= SMALL_BYTES },
  sign: { callback: 'sign', arity: 3 },
  verify: { callback: 'verify', arity: 4 },
};

const callbackForms = [
  'argon2',
  'checkPrime',
  'generateKey',
  'generateKeyPair',
  'generatePrime',
  'hkdf',
  'pbkdf2',
  'randomFill',
  'randomInt',
  'scrypt',
];

/** The form of `original` that waits. */
function waiting(name: string, original: Anything, form: Form): Anything {
  const { callback, arity, defaults = [], small, result = (value: unknown) => value } = form;
  const callbackForm = functions[callback] as Anything;
  return unlessLeftAlone('crypto', original, (...args) => {
    // The callback form takes a function for the callback wherever it is; Node says what is wrong with it.
    if (some(args, (arg) => typeof arg === 'function')) return Reflect.apply(original, undefined, args);
    if (callback === name && args[arity] !== undefined) return Reflect.apply(original, undefined, args);
    if (small?.(args)) return cheaply('crypto', () => Reflect.apply(original, undefined, args));
    const given = Array.from({ length: arity }, (_, i) => (args[i] === undefined ? defaults[i] : args[i]));
    try {
      return inPool(`crypto.${name}`, (done: Done<unknown>) => {
        callbackForm(...each(given), (error: Error | null | undefined, ...values: never[]) =>
          done(error, error ? undefined : Reflect.apply(result, undefined, values)),
        );
      });
    } catch (error) {
      // Where OpenSSL refuses, only the error of the sync form has the code, library and reason.
      if (error instanceof Error && !('code' in error)) return Reflect.apply(original, undefined, args);
      throw error;
    }
  });
}

function replacements(): Record<string, AnyFunction> {
  const found: Record<string, AnyFunction> = {};
  for (const [name, form] of Object.entries(syncForms)) {
    const original = functions[name];
    if (original !== undefined) found[name] = waiting(name, original, form);
  }
  for (const [name, form] of Object.entries(eitherForms)) {
    const original = functions[name];
    // Before Node 24 `diffieHellman` had no callback.
    if (original !== undefined && original.length > form.arity)
      found[name] = callingBack(waiting(name, original, form), inTaskAfterPiece);
  }
  for (const name of callbackForms) {
    const original = functions[name];
    if (original !== undefined) found[name] = callingBack(original, inTaskAfterPiece);
  }
  return found;
}

/**
 * Has the events of hashes, ciphers and their like wait for the code that uses them as streams: they become streams when these
 * properties are read first. A function in the place of EventEmitter.init() would see that, too, but slow down all emitters.
 */
function seeLazyStreams(): void {
  const lazy = Object.getPrototypeOf(real.Hash.prototype) as object;
  for (const name of each(['_readableState', '_writableState'])) {
    const property = Object.getOwnPropertyDescriptor(lazy, name);
    const get = property?.get;
    if (get === undefined) continue;
    Reflect.defineProperty(lazy, name, {
      ...property,
      get(this: object): unknown {
        if (!isNodes()) madeHere(this);
        return Reflect.apply(get, this, []);
      },
    });
  }
}

seeLazyStreams();

/** `crypto`: what takes long is done in the thread pool; callbacks run in tasks. */
export const definition: MonkeyModule<Crypto> = defineModule<Crypto>('crypto', {
  implemented: replacements(),
});
