// The interface of `readline` as an emitter whose events wait (held-emitter.ts): a line may be the answer to a question, and an
// interface that is closed takes no more questions.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { call, find } from '../../runtime/base/primordials.js';

const { prototype } = builtin<typeof import('node:readline')>('readline').Interface;
const { isPrototypeOf: isInChainOf } = Object.prototype;

/** The prototype that the interfaces of `readline` and `readline/promises` share. */
const common: object = Object.getPrototypeOf(prototype);
/** Node's names for what it does with a line, and for the callback of the question that is open. */
const { _onLine: takeLine } = prototype as unknown as Record<string, AnyFunction>;

const methodNamed = (name: string): symbol =>
  find(Object.getOwnPropertySymbols(common), ({ description }) => description === name) ?? Symbol('none');

/** The method that Node calls for each line. */
export const lineMethod: symbol = methodNamed('_onLine');

/** The method that Node calls to ask a question, with the callback for its answer, in each of its forms. */
export const questionMethod: symbol = methodNamed('kQuestion');

/** True for an interface, or a prototype of one, of `readline` or `readline/promises`. */
export const isInterface = (emitter: object): boolean => call(isInChainOf, common, emitter);

/** True while the next line of the interface answers a question. */
export const isAsked = (emitter: EventEmitter): boolean =>
  isInterface(emitter) &&
  typeof Reflect.get(prototype, '_questionCallback', emitter) === 'function' &&
  Reflect.get(emitter, 'closed') !== true;

/** Answers the open question, as Node does with the next line. */
export function answer(emitter: EventEmitter, line: readonly unknown[]): void {
  Reflect.apply(takeLine as AnyFunction, emitter, line as never);
}
