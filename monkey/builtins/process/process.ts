// Node's own code calls `process.nextTick`, through the property, hundreds of times where a program calls it once; what
// it registers is Node's, and must not become tasks. So the real object keeps its own function, and programs get
// a proxy that differs in that property, and in the methods that register listeners: as the global, by import and by
// require, so that these are one. It adds 50 ns to a read (real: 20 ns; `process.env.X`: 240). A derived object would be
// faster, but what is assigned to it, by EventEmitter's methods for one, would never reach the real one.

import { builtin } from '../../../runtime/base/builtins.js';
import { duringBeforeExit } from '../../../runtime/process-end/before-exit.js';
import { containerOf } from '../../../runtime/suspension/containment.js';
import { type Context, currentContext } from '../../../runtime/suspension/context.js';
import { duringExit } from '../../../runtime/suspension/exit-hook.js';
import { inTaskBeforeTurn } from '../../../runtime/suspension/in-task.js';
import { isOnCarrier } from '../../../runtime/suspension/native-core.js';
import { noting, programsOwn } from '../../../runtime/suspension/ticks.js';
import { callingBack as callingBackLast } from '../../kit/callback-in-task.js';
import { type Listener, listenersInTasks, listening, standingFor } from '../../kit/emitter-listeners.js';
import { losesPendingMessages } from '../../node-features.js';
import { callingBack } from '../timers/functions.js';
import { failing } from './error-events.js';
import { isOwnEvent, nodesFor } from './late-events.js';
import { givePending } from './pending-messages.js';
import { listenInTasks } from './standard-streams.js';
import { takingTurns } from './turns.js';

/** Node's own process object. */
export const real: typeof import('node:process') = builtin<typeof import('node:process')>('process');

const realNextTick: typeof real.nextTick = real.nextTick;

/** Node's `process.nextTick`; the callback of an opted-in context runs in a task. */
export const nextTick: typeof realNextTick = callingBack(realNextTick, inTaskBeforeTurn);

/** The replacements, by the function of Node's object that each stands for. */
const replacements = new Map<unknown, unknown>([[realNextTick, nextTick]]);
for (const [name, { value }] of Object.entries(listenersInTasks(real, entering))) {
  replacements.set(Reflect.get(real, name), value);
}

// Of a child that has a channel to its parent.
if (typeof real.send === 'function') replacements.set(real.send, callingBackLast(real.send));

/** The process object that programs get. */
export const process: typeof real = new Proxy(real, {
  // A foreign nextTick (a test's clock, an agent's wrapper) is given as it is.
  get(target, key) {
    const own = containerOf()?.process;
    if (own !== undefined && Object.hasOwn(own, key)) return own[key];
    const value: unknown = Reflect.get(target, key);
    listenInTasks(key, value);
    if (typeof value !== 'function') return value;
    return nodesFor(key, value) ?? replacements.get(value) ?? programsOwn(value);
  },
  getOwnPropertyDescriptor(target, key) {
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    if (key !== 'nextTick' || descriptor?.configurable !== true || !('value' in descriptor))
      return descriptor;
    return { ...descriptor, value: programsOwn(descriptor.value) };
  },
  // An assignment ends up here, too.
  defineProperty(target, key, descriptor) {
    const { value } = descriptor;
    if (key !== 'nextTick' || typeof value !== 'function')
      return Reflect.defineProperty(target, key, descriptor);
    const inNode = value === nextTick || value === realNextTick ? realNextTick : noting(value);
    return Reflect.defineProperty(target, key, { ...descriptor, value: inNode });
  },
});

/** Node goes on, and ends the process, when these listeners have returned: so they return when they have ended. */
const whenEnded = new Map<string | symbol, (context: Context, name: string, fn: () => unknown) => unknown>([
  ['exit', duringExit],
  ['beforeExit', (context, _, fn) => duringBeforeExit(context, fn)],
]);

function entering(listener: Listener, event: string | symbol): Listener {
  if (event === 'message' && losesPendingMessages) givePending(real);
  const context = currentContext();
  const until = whenEnded.get(event);
  if (until === undefined || typeof listener !== 'function' || !isOnCarrier() || context === undefined) {
    return isOwnEvent(event) ? takingTurns(listener, failing(event)) : listening(listener);
  }
  const waiting: Listener = function (this: unknown, ...args: never[]): unknown {
    return until(context, listener.name, () => Reflect.apply(listener, this, args));
  };
  return standingFor(listener, waiting);
}
