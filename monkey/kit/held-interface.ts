// The interface of `readline` as an emitter whose events wait (held-emitter.ts): a line may be the answer to a question, and an
// interface that is closed takes no more questions.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { call } from '../../runtime/base/primordials.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';

const { isPrototypeOf: isInChainOf } = Object.prototype;

/** The parts of Node's `readline` that are used here. */
interface Insides {
  readonly prototype: object;
  /** The prototype that the interfaces of `readline` and `readline/promises` share. */
  readonly common: object;
  /** By which Node takes a line. */
  readonly takeLine: AnyFunction;
  readonly lineMethod: symbol;
  readonly questionMethod: symbol;
}
let found: Insides | undefined;

/** Node takes some milliseconds to load `readline`: it is not asked for before there is an interface. */
function insides(): Insides {
  found ??= look();
  return found;
}

function look(): Insides {
  const { prototype } = builtin<typeof import('node:readline')>('readline').Interface;
  const common = Object.getPrototypeOf(prototype) as object;
  const methodNamed = (name: string): symbol => symbolNamed(common, name) ?? Symbol('none');
  return {
    prototype,
    common,
    takeLine: Reflect.get(prototype, '_onLine') as AnyFunction,
    lineMethod: methodNamed('_onLine'),
    questionMethod: methodNamed('kQuestion'),
  };
}

/** The method that Node calls for each line. */
export const lineMethod = (): symbol => insides().lineMethod;

/** The method that Node calls to ask a question, with the callback for its answer, in each of its forms. */
export const questionMethod = (): symbol => insides().questionMethod;

/** True for an interface, or a prototype of one, of `readline` or `readline/promises`. */
export const isInterface = (emitter: object): boolean =>
  'setPrompt' in emitter && 'getPrompt' in emitter && call(isInChainOf, insides().common, emitter);

/** True while the next line of the interface answers a question. */
export const isAsked = (emitter: EventEmitter): boolean =>
  isInterface(emitter) &&
  typeof Reflect.get(insides().prototype, '_questionCallback', emitter) === 'function' &&
  Reflect.get(emitter, 'closed') !== true;

/** Answers the open question, as Node does with the next line. */
export function answer(emitter: EventEmitter, line: readonly unknown[]): void {
  Reflect.apply(insides().takeLine, emitter, line as never);
}
