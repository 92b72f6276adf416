// Node's own modules, taken before anything is replaced. Whatever runtime/ and monkey/ need of
// Node's, they get here: an import binding could already be a replacement.

import { builtin } from './node-builtin.js';

export { builtin };

/**
 * Gives a copy of a builtin's exports as they are now. For code that stands for the builtin itself: what a program puts
 * into the builtin later may call that code, and must not be called by it.
 * @param name - as {@link builtin} takes it
 */
export function copyOfBuiltin<T extends object>(name: string): T {
  const real = builtin<T>(name);
  return Object.create(Object.getPrototypeOf(real), Object.getOwnPropertyDescriptors(real)) as T;
}

/** The globals as they were when aevent was loaded. */
export const globals: {
  readonly setImmediate: typeof setImmediate;
  readonly setTimeout: typeof setTimeout;
  readonly clearTimeout: typeof clearTimeout;
  readonly clearImmediate: typeof clearImmediate;
  readonly queueMicrotask: typeof queueMicrotask;
  readonly nextTick: typeof process.nextTick;
} = {
  setImmediate: builtin<typeof import('node:timers')>('timers').setImmediate,
  setTimeout: builtin<typeof import('node:timers')>('timers').setTimeout,
  clearTimeout: builtin<typeof import('node:timers')>('timers').clearTimeout,
  clearImmediate: builtin<typeof import('node:timers')>('timers').clearImmediate,
  queueMicrotask: globalThis.queueMicrotask,
  nextTick: process.nextTick.bind(process),
};

type OfProcess = 'cwd' | 'dlopen' | 'getActiveResourcesInfo' | 'kill' | 'off' | 'on' | 'once';

/** Functions of `process` as they were when aevent was loaded. */
export const ofProcess: Pick<NodeJS.Process, OfProcess> = {
  cwd: process.cwd.bind(process),
  dlopen: process.dlopen.bind(process),
  getActiveResourcesInfo: process.getActiveResourcesInfo.bind(process),
  kill: process.kill.bind(process),
  off: process.off.bind(process),
  on: process.on.bind(process),
  once: process.once.bind(process),
};
