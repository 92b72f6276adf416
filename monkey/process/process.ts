// Node's own code calls `process.nextTick`, through the property, hundreds of times where a program calls it once; what
// it registers is Node's, and must not become tasks. So the real object keeps its own function, and programs get
// a proxy that differs in that property only: as the global, by import and by require, so that these are one. It adds 50 ns
// to a read (real: 20 ns; `process.env.X`: 240). A derived object would be faster, but what is assigned to it, by
// EventEmitter's methods for one, would never reach the real one.
import { builtin } from '../../runtime/builtins.js';
import { callingBack } from '../timers/functions.js';

/** Node's own process object. */
export const real: typeof import('node:process') = builtin<typeof import('node:process')>('process');

const realNextTick: typeof real.nextTick = real.nextTick;

/** Node's `process.nextTick`; the callback of an opted-in context runs in a task. */
export const nextTick: typeof realNextTick = callingBack(realNextTick);

/** The process object that programs get. */
export const process: typeof real = new Proxy(real, {
  // Somebody else's nextTick (a test's clock, an agent's wrapper) is given as it is.
  get(target, key) {
    const value: unknown = Reflect.get(target, key);
    return value === realNextTick ? nextTick : value;
  },
});
