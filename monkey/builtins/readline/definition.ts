// The replaced `readline` and `readline/promises`.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../../runtime/base/builtins.js';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { callingBack } from '../../kit/callback-in-task.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { entering, listenersInTasks, listeningApart } from '../../kit/emitter-listeners.js';
import { members } from '../../kit/prototype-members.js';
import { taskClass } from '../../kit/replace-class.js';
import './sync-methods.js';

type Readline = typeof import('node:readline');
type Promises = typeof import('node:readline/promises');

const real = builtin<Readline>('readline');
const realPromises = builtin<Promises>('readline/promises');

function interfaceClass<C extends { readonly prototype: object }>(realClass: C): C {
  const prototype = realClass.prototype as EventEmitter & { question: AnyFunction };
  const question = callingBack(prototype.question, (answered) => entering(answered, true));
  return taskClass(realClass as C & AnyFunction, {
    // Each is a task of its own: while one suspends, the lines of the same chunk of input go on, in order.
    ...listenersInTasks(prototype, listeningApart),
    ...members({ question }),
  });
}

/** `readline/promises`: as `readline`. */
export const promisesDefinition: MonkeyModule<Promises> = defineModule<Promises>('readline/promises', {
  implemented: {
    Interface: interfaceClass(realPromises.Interface),
    createInterface: starting(realPromises.createInterface),
  },
});

/** `readline`: listeners run in tasks; questions and lines can be waited for. */
export const definition: MonkeyModule<Readline> = defineModule<Readline>('readline', {
  implemented: {
    Interface: interfaceClass(real.Interface),
    createInterface: starting(real.createInterface),
    promises: promisesDefinition.exports,
  },
});
