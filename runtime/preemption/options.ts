// How long a slice is, and whether everything is sliced: setup({ preempt, sliceMs }) and AEVENT_PREEMPT.
import { builtin } from '../base/builtins.js';
import { describe, quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';

const process = builtin<typeof import('node:process')>('process');

const environment = 'AEVENT_PREEMPT';
const DEFAULT_SLICE_MS = 5;

/** The slices that are asked for. */
export interface PreemptOptions {
  /** Milliseconds that computing may keep the event loop. */
  sliceMs: number;
  /** True: every task is sliced, not only what `preemptible()` calls. */
  all: boolean;
}

let options: PreemptOptions | undefined;

/**
 * The slices that are asked for, by the environment until `setup()` says something else.
 * @throws TypeError `AEVENT_INVALID_OPTIONS` for what the environment says, if that makes no sense
 */
export function preemptOptions(): PreemptOptions {
  options ??= fromEnvironment(process.env[environment]);
  return options;
}

/**
 * Checks a length of slices.
 * @param what - says whose it is, for the error
 * @throws TypeError `AEVENT_INVALID_OPTIONS`
 */
export function checkedSliceMs(what: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `${what} takes milliseconds, finite and >= 0, not ${describe(value)}.`,
  );
}

/**
 * Takes what `setup()` was given; what is undefined stays as it is.
 * @throws TypeError `AEVENT_INVALID_OPTIONS`
 */
export function setPreemptOptions(preempt: unknown, sliceMs: unknown): void {
  const before = preemptOptions();
  const next = { ...before };
  if (sliceMs !== undefined) next.sliceMs = checkedSliceMs('setup({ sliceMs })', sliceMs);
  if (typeof preempt === 'boolean') next.all = preempt;
  else if (preempt !== undefined) {
    if (typeof preempt !== 'number') {
      throw invalidArgument(
        'AEVENT_INVALID_OPTIONS',
        `setup({ preempt }) takes true, false, or milliseconds, not ${describe(preempt)}.`,
      );
    }
    next.sliceMs = checkedSliceMs('setup({ preempt })', preempt);
    next.all = true;
  }
  Object.assign(before, next);
}

function fromEnvironment(text: string | undefined): PreemptOptions {
  if (text === undefined || text === '' || text === '0') return { sliceMs: DEFAULT_SLICE_MS, all: false };
  if (text === '1' || text === 'true') return { sliceMs: DEFAULT_SLICE_MS, all: true };
  const ms = Number(text);
  if (Number.isFinite(ms) && ms > 0) return { sliceMs: ms, all: true };
  throw invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `${environment} is ${quoted(text)}. Valid are: 1 (slices of ${DEFAULT_SLICE_MS} ms), the milliseconds of a slice ` +
      '(more than 1, or a fraction), and 0 (off).',
  );
}
