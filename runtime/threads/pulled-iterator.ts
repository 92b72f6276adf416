// An iterator of a thread: its values are pulled more at once each time, once it has given some.
import type { Side } from './place.js';

/** Most values that are pulled at once. */
const MOST = 256;
/** So many are pulled one by one: what an iterator does each time is seen in time where there are few. */
const SINGLY = 16;

/** Gives an iterator of a thread methods that pull more values at once each time. */
export function pullInBatches(side: Side, id: number, target: object): void {
  let values: unknown[] = [];
  let at = 0;
  let count = 1;
  let pulls = 0;
  let end: { readonly result: unknown } | undefined;
  /** An error that comes after the values; it need not be the end. */
  let failure: { readonly result: unknown } | undefined;
  const next = (...args: unknown[]): IteratorResult<unknown> => {
    // A generator that is sent something can be asked for one value only.
    if (args.length > 0 && at >= values.length && end === undefined && failure === undefined)
      return side.ask('method', 'next', id, 'next', args) as IteratorResult<unknown>;
    if (at >= values.length && end === undefined && failure === undefined) {
      const pulled = side.ask('pull', 'next', id, count) as {
        values: unknown[];
        done: boolean;
        result: unknown;
        failed?: boolean;
      };
      ({ values } = pulled);
      at = 0;
      if (++pulls >= SINGLY) count = Math.min(count * 4, MOST);
      if (pulled.done) end = pulled;
      failure = pulled.failed === true ? pulled : undefined;
    }
    if (at < values.length) {
      const value = values[at];
      values[at++] = undefined;
      return { done: false, value };
    }
    if (failure !== undefined) {
      const { result } = failure;
      failure = undefined;
      throw result;
    }
    const ended = end;
    end = { result: undefined };
    return { done: true, value: ended?.result };
  };
  const returns = (value?: unknown): IteratorResult<unknown> => {
    values = [];
    at = 0;
    if (end === undefined) side.ask('return', 'return', id, value);
    end = { result: undefined };
    return { done: true, value };
  };
  Object.defineProperties(target, {
    next: { value: next, writable: true, configurable: true },
    return: { value: returns, writable: true, configurable: true },
  });
}
