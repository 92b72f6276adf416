// The check that the options of the testing tools have in common.
import { describe } from '../../base/describe.js';
import { invalidArgument } from '../../base/errors.js';

/** The range of a number, and how an error says it. */
const KINDS: { readonly [kind: string]: (value: number) => boolean } = {
  'an integer': Number.isInteger,
  'an integer >= 0': (value) => Number.isInteger(value) && value >= 0,
  'a number >= 0': (value) => value >= 0,
  'a number >= 0, and finite': (value) => value >= 0 && Number.isFinite(value),
  'a number from 0 to 1': (value) => value >= 0 && value <= 1,
};

/**
 * Gives `value` back, if it is such a number.
 * @param what - names it, as in `MockClock: rate`
 * @throws TypeError `AEVENT_INVALID_OPTIONS`
 */
export function checked(what: string, kind: keyof typeof KINDS, value: number): number {
  if (typeof value === 'number' && KINDS[kind]?.(value)) return value;
  throw invalidArgument('AEVENT_INVALID_OPTIONS', `${what} is ${kind}, not ${describe(value)}.`);
}
