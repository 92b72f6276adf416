// Node's streams, sockets, servers and some callback forms (`fs.cp`, `dns.lookup` of an address) go on in ticks, and ask
// `process.nextTick` for them, through the property, at run time. A program can put a function of its own there that never
// calls back (a test's clock), and while the process is exiting Node's own drops each tick. So as long as a task
// waits, and the function there is not Node's, the property becomes an accessor: it gives the program its own function,
// and Node's modules one that calls that, too, but does not rely on it. A wrapper (an agent's) still does its work,
// and in the same order; a tick that a test's clock keeps is done once, now, and not when its time goes on. A tick that Node asked for
// before the wait began is noted (noting()), and done then: the task may wait for that.
// Guarded by test/hostile/table.test.ts.
import { builtin, globals } from '../base/builtins.js';
import type { AnyFunction } from '../base/disguise.js';
import { each, exec, push } from '../base/primordials.js';
import { duringExit, isExitingBare } from './exit-hook.js';
import { core } from './native-core.js';
import { hasPortal, requirePortal } from './portal.js';

type NextTick = (...args: unknown[]) => void;

const process = builtin<{ nextTick: unknown }>('process');
/** Node's own, or the function that stands for it while the process is exiting. */
let own: unknown = process.nextTick;

/** How many waits there are that need ticks; and the property to put back after the last. */
let waits = 0;
let installed: PropertyDescriptor | undefined;
let before: PropertyDescriptor | undefined;

/** True if Node's modules do not get ticks of Node's. */
export function areTicksForeign(): boolean {
  return waits > 0 || process.nextTick !== own;
}

/** Lets Node's modules have ticks while `wait` lasts; to be called where {@link areTicksForeign}. */
export function keepingTicks<T>(wait: () => T): T {
  if (waits++ === 0) install();
  try {
    return wait();
  } finally {
    if (--waits === 0) uninstall();
  }
}

/**
 * Runs `fn`, which has Node begin something and then waits for it: Node's ticks are run from its beginning. A checkpoint
 * if `fn` is one.
 * @throws NoPortalError where nothing can be suspended
 */
export function withTicks<T>(what: string, fn: () => T): T {
  const context = requirePortal(what);
  const run = (): T => (areTicksForeign() ? keepingTicks(fn) : fn());
  return isExitingBare() ? duringExit(context, what, run) : run();
}

/** True where work that Node begins now needs {@link withTicks}, which can be had: for calls that may end without a wait. */
export function lacksTicks(): boolean {
  return ((waits === 0 && process.nextTick !== own) || isExitingBare()) && hasPortal();
}

/** Has `nextTick` stand for Node's own. @returns how to end that */
export function standForTicks(nextTick: unknown): () => void {
  const previous = own;
  own = nextTick;
  return () => {
    own = previous;
  };
}

/** Ticks for the caller: from the program's function, but for Node's modules. */
export function ticksOf(nextTick: NextTick): NextTick {
  if (nextTick === own) return nextTick;
  return (...args) => Reflect.apply(isAskedByNode() ? reliable(nextTick) : nextTick, process, args);
}

/** Ticks that Node's modules have asked a program's function for, and that have not come. */
const asked = new Set<() => void>();
/** By a function of the program's, the one that {@link noting} made for it. */
const noted = new WeakMap<object, NextTick>();

/** Makes the function that stands in Node's object for one that a program puts there as its `nextTick`. */
export function noting(foreign: NextTick): NextTick {
  const nextTick: NextTick = function tickForNode(callback, ...args) {
    const tick = (): void => {
      if (asked.delete(tick)) Reflect.apply(callback as AnyFunction, undefined, args as never[]);
    };
    if (typeof callback === 'function') asked.add(tick);
    Reflect.apply(foreign, process, typeof callback === 'function' ? [tick] : [callback, ...each(args)]);
  };
  noted.set(nextTick, foreign);
  return nextTick;
}

/** The program's function for which {@link noting} stands; anything else as it is. */
export const programsOwn = (value: unknown): unknown => noted.get(value as object) ?? value;

function install(): void {
  for (const tick of asked) globals.nextTick(tick);
  before = Reflect.getOwnPropertyDescriptor(process, 'nextTick');
  const foreign = programsOwn(process.nextTick);
  if (failure !== '' || before?.configurable === false || typeof foreign !== 'function') return;
  const forNode = reliable(foreign as NextTick);
  installed = {
    get: () => (isAskedByNode() ? forNode : foreign),
    set: (value) => {
      Reflect.defineProperty(process, 'nextTick', {
        value,
        enumerable: before?.enumerable === true,
        writable: true,
        configurable: true,
      });
    },
    enumerable: before?.enumerable === true,
    configurable: true,
  };
  if (!Reflect.defineProperty(process, 'nextTick', installed)) installed = undefined;
}

function uninstall(): void {
  const there = Reflect.getOwnPropertyDescriptor(process, 'nextTick');
  // The program may have put its own, or Node's, there meanwhile.
  if (installed !== undefined && there?.get === installed.get && before !== undefined)
    Reflect.defineProperty(process, 'nextTick', before);
  installed = before = undefined;
}

/** Calls back once: when `foreign` does, or else in a tick. */
function reliable(foreign: NextTick): NextTick {
  return function tickForNode(callback, ...args) {
    let wasCalled = false;
    const once = (): void => {
      if (wasCalled) return;
      wasCalled = true;
      Reflect.apply(callback as AnyFunction, undefined, args as never[]);
    };
    Reflect.apply(foreign, process, [once]);
    globals.nextTick(once);
  };
}

// Bundled, this is evaluated in dist/loader/.
const root = new URL('..', import.meta.url).href.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** The first frame that is neither aevent's own nor one of V8's functions, which have no place. */
const firstFrame = new RegExp(`^(?!.*${root})(?!.*\\(<anonymous>\\)$).+$`, 'm');

const { runInThisContext } = builtin<typeof import('node:vm')>('vm');
const { emit } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;
let failure = '';

/**
 * Looks whether callers in Node's modules are told from those of a program; where not, the property is left alone.
 * @returns empty, or why they are not
 */
export function testTicks(): string {
  const answers: boolean[] = [];
  const ask = (): unknown => push(answers, isAskedByNode());
  // Node's emit() calls it, then a file of a program does.
  Reflect.apply(emit, { _events: { ask } }, ['ask']);
  (runInThisContext('(ask) => ask()', { filename: '/program.js' }) as (fn: () => unknown) => unknown)(ask);
  failure =
    answers[0] === true && answers[1] === false
      ? ''
      : 'whether Node asks for a tick cannot be told from the stack, so waits hang where a program keeps the ticks';
  return failure;
}

/** True if the running code was called by one of Node's modules. */
export function isAskedByNode(): boolean {
  const frame = exec(firstFrame, core.binding?.runningFrames() ?? '');
  return frame !== null && exec(/(?:^|\()node:/, frame[0]) !== null;
}

/** True in a tick, and in a microtask that follows one. */
export const isInTick = (): boolean =>
  exec(/processTicksAndRejections/, core.binding?.runningFrames() ?? '') !== null;
