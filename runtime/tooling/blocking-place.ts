// Where a stack was when the event loop was blocked: the program's place, Node's function that it called there, why that did
// not suspend, and the remedy. Guarded by test/runtime/tooling/blocking.test.ts.
import {
  cut,
  every,
  exec,
  filter,
  findIndex,
  hasPart,
  includes,
  join,
  part,
  push,
  slice,
  some,
  startsWith,
} from '../base/primordials.js';
import { isOfAevent, isOfProgram } from '../base/stacks.js';
import type { TaskName } from './channels.js';

/** A place that blocked. */
export interface Found {
  /** The program's function and file, or {@link NODE_ITSELF}. */
  readonly place: string;
  /** The call that was made there, e.g. `fs.readFileSync`; undefined where it computes. */
  readonly call: string | undefined;
  /** Why it did not suspend, and the remedy. */
  readonly why: string;
  /** The program's frames. */
  readonly stack: string;
}

/** The place of code that runs while no function of the program's does. */
export const NODE_ITSELF = 'Node itself';

/** A stack that was seen while the loop was blocked. */
export interface Sample {
  readonly stack: string;
  /** When; a call that was timed is seen when it has ended. */
  readonly atMs: number;
  /** The native call that was made there, where it is known. */
  readonly call: string | undefined;
  readonly module: string | undefined;
  /** The duration of a call that was timed. */
  readonly tookMs: number | undefined;
  readonly task: TaskName | undefined;
  readonly reason: string;
  /** The interrupt was answered long after it was made: when a native call had returned. */
  readonly isLate: boolean;
  /** It was timed, or late by the limit: nothing else has blocked meanwhile. */
  readonly isSure: boolean;
  /** The task or callback that ran when it was made; empty where that is not known. */
  readonly run: string;
  /** The call that was made there has no meaning. */
  readonly computes: boolean;
}

const FRAME = /^ {4}at (?:(.*) \()?(.*?)(?::\d+)?(?::\d+)?\)?$/;
const NODE_FRAME = /^ {4}at (?:async )?(?:(\S+)(?: \[as \S+\])? \()?node:([\w/]+):\d+:\d+\)?$/;

/**
 * Finds out where a stack was blocked, and why.
 * @param replaced - the modules that are replaced
 */
export function placeOf(sample: Sample, replaced: readonly string[]): Found {
  const lines = linesOf(sample.stack);
  const at = findIndex(lines, isOfProgram);
  const isProgram = at >= 0;
  const above = slice(lines, 0, Math.max(0, at));
  const caller = isProgram || !sample.isLate ? undefined : callerOf(lines, sample.run);
  if (caller !== undefined)
    return { place: caller, call: undefined, why: RETURNED, stack: `    at ${caller}\n` };
  const isEntered = isJustEntered(sample, above);
  const node = sample.computes || isEntered ? null : nearestOfNode(above);
  const frame = isProgram ? exec(FRAME, lines[at] as string) : null;
  const module = sample.module ?? node?.[2];
  const call = sample.call ?? (node === null ? undefined : `${node[2]}.${lastName(node[1] ?? 'anonymous')}`);
  const shown = isProgram ? filter(lines, isOfProgram) : lines;
  const whyOf = (): string => {
    if (!isProgram && some(lines, isOfLoading)) return LOADING;
    if (call === undefined && !isEntered && some(above, isOfAevent))
      return sample.isLate ? `${RETURNED} ${OR_SYSTEM}` : IN_AEVENT;
    return advice(sample, call, module, replaced);
  };
  return {
    place: isProgram ? `${frame?.[1] ?? 'top level'} (${frame?.[2] ?? 'unknown'})` : NODE_ITSELF,
    call,
    why: whyOf(),
    stack: `${join(shown, '\n')}\n`,
  };
}

/**
 * The outermost function of the program's on a stack, which the loop or a task has called. Frames are of two forms:
 * `at waits (file)`, and `at Immediate.waits [as _onImmediate] (file)` with those that are awaited below.
 */
export function entryOf({ place, stack }: Found): string {
  if (place === NODE_ITSELF) return place;
  const lines = linesOf(stack);
  for (let i = lines.length - 1; i >= 0; i--) {
    if (startsWith(lines[i] as string, '    at async ')) continue;
    const frame = exec(FRAME, lines[i] as string);
    const name = exec(/^[^[]*[^ []/, frame?.[1] ?? '<anonymous>')?.[0] ?? '';
    return `${lastName(name)} (${frame?.[2]})`;
  }
  return place;
}

/**
 * The code that had made a native call which had returned to the loop, or to aevent, as far as that code is known; undefined where
 * modules are loaded.
 */
function callerOf(lines: readonly string[], run: string): string | undefined {
  if (some(lines, isOfLoading)) return undefined;
  if (run !== '') return `${readable(run)} (which had just ended, or suspended)`;
  const outermost = exec(NODE_FRAME, lines[lines.length - 1] ?? '');
  return outermost === null
    ? undefined
    : `a callback of ${outermost[1] ?? 'anonymous'} (node:${outermost[2]})`;
}

const isOfLoading = (line: string): boolean =>
  exec(/\bnode:internal\/(?:bootstrap|main|modules|vm)\b/, line) !== null;

/**
 * True if the frames above the program's are only those of a function at its beginning, where V8 answers an interrupt: the lines before
 * could not be interrupted. An interrupt during a native call of such a function is answered in the function that it calls next.
 */
function isJustEntered({ isLate, module }: Sample, above: readonly string[]): boolean {
  if (!isLate || module !== undefined || above.length === 0) return false;
  return (
    above.length === 1 ||
    (exec(NODE_FRAME, above[0] as string) !== null && every(slice(above, 1), isOfAevent))
  );
}

/** The frame of Node's above that of the program, if there is one: the function that was called. */
function nearestOfNode(above: readonly string[]): RegExpExecArray | null {
  for (let i = above.length - 1; i >= 0; i--) {
    const found = exec(NODE_FRAME, above[i] as string);
    if (found !== null) return found;
  }
  return null;
}

const lastName = (name: string): string => exec(/[^.]*$/, name)?.[0] ?? name;

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const MOST_OF_LINE = 300;
const MOST_LINES = 50;

/** Frames, one each, as a terminal may show them: function names of the program's may hold anything. */
function linesOf(stack: string): string[] {
  const lines: string[] = [];
  for (let rest = stack; rest !== ''; ) {
    const line = exec(/^[^\n]*/, rest)?.[0] ?? '';
    rest = part(rest, line.length + 1);
    if (line === '' || lines.length === MOST_LINES) break;
    push(lines, readable(startsWith(line, '    at ') ? line : `    at ${line}`));
  }
  return lines;
}

/** Text as a terminal may show it, on one line. */
export function readable(text: string): string {
  let shown = cut(text, MOST_OF_LINE);
  for (let found = exec(CONTROL, shown); found !== null; found = exec(CONTROL, shown))
    shown = `${cut(shown, found.index)}?${part(shown, found.index + 1)}`;
  return shown;
}

const RETURNED =
  'What cannot be interrupted had just returned there, or in the lines before: a call of an addon or of SQLite, a sort, JSON, or a ' +
  'small loop that V8 has compiled. Use an async form, or do it in a Worker.';

const OR_SYSTEM = 'Or the system was slow to do what aevent asked it for: to start a process, say.';

const LOADING = 'Modules are loaded: load them before the work begins.';

const IN_AEVENT =
  'aevent itself took so long there, to begin or to end a call that suspends: the system was slow to start a process, say.';

function computing(reason: string): string {
  const elsewhere = 'or do it in a Worker.';
  if (reason === '')
    return (
      'It computes. aevent.preemptible() lets the loop turn meanwhile, unless it is a loop that calls no function: that is to call ' +
      `aevent.checkpoint() now and then; ${elsewhere}`
    );
  if (isInNoTask(reason))
    return `It computes, and belongs to no task: aevent.call(() => aevent.preemptible(…)) lets the loop turn meanwhile; ${elsewhere}`;
  return `It computes where nothing can be suspended: ${reason}. Elsewhere aevent.preemptible() lets the loop turn; ${elsewhere}`;
}

const isInNoTask = (reason: string): boolean =>
  hasPart(reason, 'no task') || hasPart(reason, 'plain event-loop');

function advice(
  { reason, isLate, module: timedModule }: Sample,
  call: string | undefined,
  module: string | undefined,
  replaced: readonly string[],
): string {
  if (call === undefined) {
    return isLate ? RETURNED : computing(reason);
  }
  if (timedModule === undefined) {
    if (startsWith(module ?? '', 'internal/modules')) return LOADING;
    if (!includes(replaced, module ?? ''))
      return `aevent does not replace ${module}: use its async form, or do it in a Worker.`;
    return (
      `${module} works in this thread there; or the caller has Node's own function, since it was imported before aevent was ` +
      'in place: then start the program with --import aevent/register.'
    );
  }
  if (reason === '') return `${module} is kept native: take it out of setup({ exclude }).`;
  if (hasPart(reason, 'native()'))
    return 'It is inside of aevent.native(): leave that out where others may run meanwhile.';
  if (hasPart(reason, 'require()')) return `${reason}: setup({ suspendInRequire: true }) lets it suspend.`;
  if (isInNoTask(reason))
    return (
      'It belongs to no task: start the program with --import aevent/auto, or `await aevent.perTask()` first, or use ' +
      'aevent.call().'
    );
  return `It cannot suspend there: ${reason}.`;
}
