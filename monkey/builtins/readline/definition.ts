// The replaced `readline` and `readline/promises`.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { entering, listenersInTasks, listeningApart, waited, waking } from '../../kit/emitter-listeners.js';
import { HeldEmitter } from '../../kit/held-emitter.js';
import { keepEventsOf } from '../../kit/held-events.js';
import { questionMethod } from '../../kit/held-interface.js';
import { noteDriver } from '../../kit/kin.js';
import { members } from '../../kit/prototype-members.js';
import { taskClass } from '../../kit/replace-class.js';
import './sync-methods.js';

type Readline = typeof import('node:readline');
type Promises = typeof import('node:readline/promises');

const real = builtin<Readline>('readline');
const realPromises = builtin<Promises>('readline/promises');

function interfaceClass<C extends { readonly prototype: object }>(realClass: C): C {
  const prototype = realClass.prototype as EventEmitter & { question: AnyFunction };
  const question = asking(prototype.question);
  return taskClass(
    realClass as C & AnyFunction,
    {
      // Each is a task of its own: while one suspends, the lines of the same chunk of input go on, in order.
      ...listenersInTasks(prototype, listeningApart),
      ...members({ question }),
      ...wakingMembers(prototype),
    },
    { after: noteInput, adopted: noteInput },
  );
}

/** An interface has its events from its input. */
function noteInput(rl: object): void {
  noteDriver(rl as EventEmitter, Reflect.get(rl, 'input'));
}

/** Code that waits for an answer or a line by `await` goes on in a microtask: what comes next waits for it, if it is suspended. */
function wakingMembers(prototype: object): PropertyDescriptorMap {
  const ask = Reflect.get(prototype, questionMethod()) as AnyFunction | undefined;
  const iterate = Reflect.get(prototype, Symbol.asyncIterator) as AnyFunction;
  const describe = (value: AnyFunction): PropertyDescriptor => ({
    value,
    writable: true,
    configurable: true,
  });
  const asyncIterator = describe(disguise(iterate, (self) => waited(() => Reflect.apply(iterate, self, []))));
  if (ask === undefined) return { [Symbol.asyncIterator]: asyncIterator };
  const question = disguise(ask, (self, args) => {
    const answered = args[1] as unknown as AnyFunction;
    return Reflect.apply(ask, self, [args[0], waking(self as object, answered)] as never);
  });
  return { [questionMethod()]: describe(question), [Symbol.asyncIterator]: asyncIterator };
}

/**
 * A callback that is given an answer is a task of its own. It may ask the next question after a synchronous call: the lines
 * that come meanwhile, many in one chunk of piped input, wait for it.
 */
function asking(question: AnyFunction): AnyFunction {
  return disguise(question, (self, args) => {
    const last = args.length - 1;
    const answered = args[last];
    if (typeof answered === 'function') {
      const held: AnyFunction = (...answer) => {
        keepEventsOf(self);
        return Reflect.apply(answered, undefined, answer);
      };
      const entered = entering(held, true);
      if (entered !== held) args[last] = entered;
    }
    const asked = Reflect.apply(question, self, args as never);
    HeldEmitter.asked(self as EventEmitter);
    return asked;
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
