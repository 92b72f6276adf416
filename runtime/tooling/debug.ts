// AEVENT_DEBUG: what a process is to show of itself, as a list with commas. Only the list is read here.
import { builtin } from '../base/builtins.js';
import { entriesOf } from '../base/comma-list.js';
import { CONSOLE_SIGNALS } from '../base/console-signals.js';
import { quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';

const process = builtin<typeof import('node:process')>('process');
const { signals } = builtin<typeof import('node:os')>('os').constants;

const environment = 'AEVENT_DEBUG';

/** The tools that `AEVENT_DEBUG` asks for. */
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
const isWindows = (platform: NodeJS.Platform): boolean => platform === 'win32';
const defaultSignal = (platform: NodeJS.Platform): NodeJS.Signals =>
  isWindows(platform) ? 'SIGBREAK' : 'SIGUSR2';
/** How long the event loop may be kept, in milliseconds, where `blocking` says nothing else. */
export const DEFAULT_BLOCKING_MS = 50;

let options: DebugOptions | undefined;

/**
 * Gives the tools that `AEVENT_DEBUG` asks for; read once. Not a checkpoint.
 * @throws TypeError `AEVENT_INVALID_OPTIONS` for what it does not know, with what it does
 */
export function debugOptions(): DebugOptions {
  options ??= parseDebug(process.env[environment] ?? '');
  return options;
}

/** Reads such a list; of what is said twice the last counts. See {@link debugOptions}. */
export function parseDebug(text: string, platform: NodeJS.Platform = process.platform): DebugOptions {
  const read: { -readonly [K in keyof DebugOptions]: DebugOptions[K] } = {
    tasks: undefined,
    inspect: false,
    blockingMs: undefined,
  };
  for (const word of entriesOf(text)) {
    const { name, separator, value } =
      /^(?<name>\w+)(?:(?<separator>[:=])(?<value>.+))?$/.exec(word)?.groups ?? {};
    if (name === 'inspect' && value === undefined) read.inspect = true;
    else if (name === 'tasks' && separator !== '=') read.tasks = signalFrom(word, value, platform);
    else if (name === 'blocking' && separator !== ':') read.blockingMs = msFrom(word, value, platform);
    else throw invalid(word, 'is none of its values', platform);
  }
  return read;
}

function signalFrom(word: string, given: string | undefined, platform: NodeJS.Platform): NodeJS.Signals {
  const name = given ?? defaultSignal(platform);
  const isHeard = isWindows(platform)
    ? CONSOLE_SIGNALS.includes(name)
    : Object.hasOwn(signals, name) && !unheard.includes(name);
  if (isHeard) return name as NodeJS.Signals;
  throw invalid(word, 'names no signal that a process can hear', platform);
}

function msFrom(word: string, text: string | undefined, platform: NodeJS.Platform): number {
  const ms = text === undefined ? DEFAULT_BLOCKING_MS : Number(text);
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw invalid(word, 'has no number of milliseconds > 0', platform);
}

function invalid(word: string, why: string, platform: NodeJS.Platform): TypeError {
  const example = isWindows(platform) ? 'SIGHUP' : 'SIGQUIT';
  return invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `${environment}: ${quoted(word)} ${why}. Valid are, with commas between: tasks (or tasks:SIGNAL, such as ` +
      `tasks:${example}; the default is ${defaultSignal(platform)}), inspect, blocking (or blocking=MS; the default is ` +
      `${DEFAULT_BLOCKING_MS}).`,
  );
}
