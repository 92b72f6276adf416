// Runs a function in a pool of threads while the task that calls it is suspended.
import { builtin } from '../base/builtins.js';
import { describe, quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { each, includes, indexOf, pop, push, splice } from '../base/primordials.js';
import { checkpointIfCancelled } from '../cancellation/checkpoint.js';
import { showCallerOf } from './caller-stack.js';
import { CapacityLimiter } from './capacity-limiter.js';
import { encode } from './codec.js';
import { sourceOf } from './function-source.js';
import { Link } from './link.js';
import type { Operation } from './protocol.js';
import { locate } from './specifier.js';

const { availableParallelism } = builtin<typeof import('node:os')>('os');

/** Options of {@link toThread}. */
export interface ToThreadOptions {
  /** The parts of the arguments that are handed over instead of copied: gone here, as with `postMessage()`. */
  transfer?: ((...args: never[]) => readonly unknown[]) | readonly unknown[];
  /**
   * Whether a call whose caller was cancelled goes on in its thread, and what it gives is dropped. By default its thread
   * is ended.
   */
  abandonOnCancel?: boolean;
  /** How many calls run at once. Default: one that all calls share, with as many tokens as there are processors. */
  limiter?: CapacityLimiter;
  /** The path or URL of the file that names the module. Default: the one that calls `toThread()`. */
  from?: string | URL;
}

const optionNames = ['transfer', 'abandonOnCancel', 'limiter', 'from'];

type AnyFunction = (...args: never[]) => unknown;

let sharedLimiter: CapacityLimiter | undefined;
/** Threads that have nothing to do, the last used last. */
const idle: Link[] = [];

/** The limiter of all calls that have none of their own. @see anyio `to_thread.current_default_thread_limiter` */
export function defaultThreadLimiter(): CapacityLimiter {
  sharedLimiter ??= new CapacityLimiter(availableParallelism());
  return sharedLimiter;
}

/**
 * Makes a function that runs another one in a thread of a pool, and suspends its caller meanwhile; where nothing can be
 * suspended it blocks. Arguments and results are copied by structured clone. A promise that it gives is waited for there.
 * @param target - a module's specifier, or a function that uses nothing of its surroundings, whose source is sent
 * @param exportName - which export of the module. Default: `default`
 * @throws TypeError `AEVENT_FREE_VARIABLES`, `AEVENT_NO_SOURCE`, `AEVENT_UNKNOWN_OPTION`;
 *   {@link AeventError} `AEVENT_NO_MODULE`. Its calls throw what the function throws, `AEVENT_THREAD_ENDED` if the thread dies,
 *   and a TypeError `AEVENT_NOT_CLONEABLE`
 * @see anyio `to_thread.run_sync`
 */
export function toThread<A extends unknown[], T>(
  target: (...args: A) => T,
  options?: ToThreadOptions,
): (...args: A) => Awaited<T>;
export function toThread<F extends AnyFunction = (...args: unknown[]) => unknown>(
  target: string | URL,
  exportName?: string,
  options?: ToThreadOptions,
): (...args: Parameters<F>) => Awaited<ReturnType<F>>;
export function toThread(
  target: AnyFunction | string | URL,
  nameOrOptions?: string | ToThreadOptions,
  moreOptions?: ToThreadOptions,
): AnyFunction {
  const hasName = typeof nameOrOptions === 'string';
  const options = checkedOptions((hasName ? moreOptions : (nameOrOptions ?? moreOptions)) ?? {});
  const { begin, name } = targetOf(target, hasName ? nameOrOptions : 'default', options.from);
  const inThread = (...args: unknown[]): unknown => runInPool(name, begin, args, options);
  return Object.defineProperty(inThread, 'name', { value: name, configurable: true });
}

/** The request to a thread; its arguments come last. */
interface Target {
  readonly name: string;
  readonly begin: readonly [Operation, ...unknown[]];
}

function targetOf(target: unknown, exportName: string, from: string | URL | undefined): Target {
  if (typeof target === 'function') {
    const name = target.name || 'anonymous';
    return { name, begin: ['runSource', sourceOf(target as AnyFunction)] };
  }
  const located = locate('toThread()', target as string | URL, from);
  const name = exportName === 'default' ? located.specifier : `${located.specifier} ${exportName}`;
  return { name, begin: ['run', located.specifier, located.from, exportName] };
}

function runInPool(
  name: string,
  begin: readonly [Operation, ...unknown[]],
  args: readonly unknown[],
  options: ToThreadOptions,
): unknown {
  const limiter = options.limiter ?? defaultThreadLimiter();
  const borrower = { call: name };
  checkpointIfCancelled();
  limiter.acquireOnBehalfOf(borrower);
  let link: Link | undefined;
  let isDone = false;
  const giveBack = (): void => {
    if (isDone) return;
    isDone = true;
    limiter.releaseOnBehalfOf(borrower);
    if (link !== undefined && link.failure === undefined) push(idle, link);
  };
  let goesOn = false;
  try {
    link = takeThread();
    const used = link;
    const into = used.encoding();
    const encoded = encode(args, into);
    const { transfer } = options;
    const given =
      typeof transfer === 'function' ? Reflect.apply(transfer, undefined, args as never) : transfer;
    for (const one of each(given ?? []))
      if (!includes(into.transfer, one as ArrayBuffer)) push(into.transfer, one as ArrayBuffer);
    const [operation, ...rest] = begin;
    return used.request(operation, [...each(rest), encoded], into, {
      what: `toThread(${name})`,
      onCancel: () => {
        if (options.abandonOnCancel === true) {
          goesOn = true;
          used.whenIdle(giveBack);
        } else used.kill('its caller was cancelled');
      },
    });
  } catch (error) {
    showCallerOf(error);
    throw error;
  } finally {
    if (!goesOn) giveBack();
  }
}

function takeThread(): Link {
  for (let link = pop(idle); link !== undefined; link = pop(idle))
    if (link.failure === undefined) return link;
  const made: Link = new Link({
    name: 'aevent.toThread()',
    inlineMs: 0,
    onEnd: () => {
      const index = indexOf(idle, made);
      if (index >= 0) splice(idle, index, 1);
    },
  });
  return made;
}

function checkedOptions(options: ToThreadOptions): ToThreadOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `toThread() takes an object of options, not ${describe(options)}.`,
    );
  }
  for (const name of each(Object.keys(options))) {
    if (includes(optionNames, name)) continue;
    throw invalidArgument(
      'AEVENT_UNKNOWN_OPTION',
      `toThread() has no option ${quoted(name)}. It has: ${optionNames.join(', ')}.`,
    );
  }
  const { abandonOnCancel, limiter, transfer } = options;
  const wrong =
    abandonOnCancel !== undefined && typeof abandonOnCancel !== 'boolean'
      ? `abandonOnCancel }) takes true or false, not ${describe(abandonOnCancel)}`
      : limiter !== undefined && !(limiter instanceof CapacityLimiter)
        ? `limiter }) takes a CapacityLimiter, not ${describe(limiter)}`
        : transfer !== undefined && typeof transfer !== 'function' && !Array.isArray(transfer)
          ? `transfer }) takes a list, or a function of the arguments that gives one, not ${describe(transfer)}`
          : undefined;
  if (wrong !== undefined) throw invalidArgument('AEVENT_INVALID_OPTIONS', `toThread({ ${wrong}.`);
  return options;
}
