// AEVENT_DEBUG: what a process is to show of itself, as a list with commas. Only the list is read here.
import { builtin } from '../base/builtins.js';
import { quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';

const process = builtin<typeof import('node:process')>('process');
const { signals } = builtin<typeof import('node:os')>('os').constants;

const environment = 'AEVENT_DEBUG';

/** What `AEVENT_DEBUG` asks for. */
export interface DebugOptions {
  /** The signal that prints the tasks; undefined where none does. */
  readonly tasks: NodeJS.Signals | undefined;
  /** Whether `aevent tasks <pid>` may ask this process. */
  readonly inspect: boolean;
  /** How long, in milliseconds, the event loop may be kept before that is reported; undefined: it is not watched. */
  readonly blockingMs: number | undefined;
}

/** Of which Node hears nothing, or that V8 and faults of the processor raise. */
const unheard = [
  'SIGKILL',
  'SIGSTOP',
  'SIGSEGV',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGABRT',
  'SIGIOT',
  'SIGPROF',
];
const DEFAULT_SIGNAL = 'SIGUSR2';
/** How long the event loop may be kept, in milliseconds, where `blocking` says nothing else. */
export const DEFAULT_BLOCKING_MS = 50;

let options: DebugOptions | undefined;

/**
 * What `AEVENT_DEBUG` asks for; read once. Not a checkpoint.
 * @throws TypeError `AEVENT_INVALID_OPTIONS` for what it does not know, with what it does
 */
export function debugOptions(): DebugOptions {
  options ??= parseDebug(process.env[environment] ?? '');
  return options;
}

/** Reads such a list; of what is said twice the last counts. See {@link debugOptions}. */
export function parseDebug(text: string): DebugOptions {
  const read: { -readonly [K in keyof DebugOptions]: DebugOptions[K] } = {
    tasks: undefined,
    inspect: false,
    blockingMs: undefined,
  };
  for (const word of text.split(',').map((each) => each.trim())) {
    const { name, separator, value } =
      /^(?<name>\w+)(?:(?<separator>[:=])(?<value>.+))?$/.exec(word)?.groups ?? {};
    if (word === '') continue;
    else if (name === 'inspect' && value === undefined) read.inspect = true;
    else if (name === 'tasks' && separator !== '=') read.tasks = signalFrom(word, value ?? DEFAULT_SIGNAL);
    else if (name === 'blocking' && separator !== ':') read.blockingMs = msFrom(word, value);
    else throw invalid(word, 'is none of its values');
  }
  return read;
}

function signalFrom(word: string, name: string): NodeJS.Signals {
  if (Object.hasOwn(signals, name) && !unheard.includes(name)) return name as NodeJS.Signals;
  throw invalid(word, 'names no signal that a process can hear');
}

function msFrom(word: string, text: string | undefined): number {
  const ms = text === undefined ? DEFAULT_BLOCKING_MS : Number(text);
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw invalid(word, 'has no number of milliseconds > 0');
}

function invalid(word: string, why: string): TypeError {
  return invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `${environment}: ${quoted(word)} ${why}. Valid are, with commas between: tasks (or tasks:SIGNAL, such as ` +
      `tasks:SIGQUIT; the default is ${DEFAULT_SIGNAL}), inspect, blocking (or blocking=MS; the default is ` +
      `${DEFAULT_BLOCKING_MS}).`,
  );
}
