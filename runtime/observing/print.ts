// The tree of tasks for people. Names, paths and frames are the program's, and may be anything: shown() has them on one
// line, without what a terminal would obey.
import { builtin } from '../base/builtins.js';
import { describe, shown } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { each, join, map, push } from '../base/primordials.js';
import type { ThreadTasks } from './threads.js';
import { type TaskNode, type Tasks, type TreeNode, tasks, type WaitNode } from './tree.js';

/** The stream that {@link printTasks} writes to. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  hasColors?(): boolean;
}

/** How {@link formatTasks} prints. */
export interface FormatOptions {
  readonly colors?: boolean;
  /** Prints each task, also where many are at the same place. Default: false. */
  readonly all?: boolean;
}

const process = builtin<typeof import('node:process')>('process');

/** Of children that are alike, so many are printed. */
const MOST_ALIKE = 5;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
type Paint = (color: keyof typeof CODES, text: string) => string;
const plain: Paint = (_, text) => text;
const colored: Paint = (color, text) => `\x1b[${CODES[color]}m${text}\x1b[0m`;

/**
 * Prints the tasks of this thread as a tree, with colours on a terminal. Never a checkpoint, as far as the stream's `write()`
 * is none.
 * @param stream - what has a `write()`; by default `process.stderr`
 * @throws TypeError `AEVENT_INVALID_ARGUMENT` for what has none
 */
export function printTasks(stream: TextStream = process.stderr): void {
  if (typeof stream !== 'object' || stream === null || typeof stream.write !== 'function') {
    throw invalidArgument('AEVENT_INVALID_ARGUMENT', `printTasks() takes a stream, not ${describe(stream)}.`);
  }
  stream.write(formatTasks(tasks(), { colors: takesColors(stream) }));
}

/** The tasks of several threads, as a stream shows them. */
export function formatThreads(threads: readonly ThreadTasks[], stream: TextStream, all = false): string {
  const options = { colors: takesColors(stream), all };
  const texts = map(threads, (thread) =>
    'silent' in thread
      ? `aevent: Worker ${thread.threadId} of process ${thread.pid} has not answered: it has ended, or its event loop is kept\n`
      : formatTasks(thread, options),
  );
  return join(texts, '\n');
}

function takesColors(stream: TextStream): boolean {
  return stream.isTTY === true && (stream.hasColors?.() ?? true) && !process.env.NO_COLOR;
}

/** The text that {@link printTasks} prints. */
export function formatTasks(report: Tasks, { colors = false, all = false }: FormatOptions = {}): string {
  const printer = new Printer(colors ? colored : plain, all);
  return printer.print(report);
}

/** A wait in a line, as the report at the end of the process has it, too. */
export function waitLine({
  text,
  forMs,
  state,
}: Pick<WaitNode, 'text' | 'forMs'> & Partial<WaitNode>): string {
  if (state === 'sliced') return `computes, and was put aside for a turn of the loop (${duration(forMs)})`;
  return `waits in ${text} (${duration(forMs)})`;
}

/** Milliseconds for people. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

interface Line {
  readonly node: TreeNode;
  readonly indent: string;
  readonly isLast: boolean;
}

class Printer {
  readonly #paint: Paint;
  readonly #all: boolean;
  readonly #lines: string[] = [];

  constructor(paint: Paint, all: boolean) {
    this.#paint = paint;
    this.#all = all;
  }

  print({ pid, threadId, live, parked, roots, deadlocks }: Tasks): string {
    const thread = threadId === 0 ? '' : `, Worker ${threadId}`;
    const calls = `${parked} suspended call${parked === 1 ? '' : 's'}`;
    this.#say(
      this.#paint('bold', `aevent: ${live} task${live === 1 ? '' : 's'}, ${calls} (process ${pid}${thread})`),
    );
    const few = this.#few(roots);
    for (const root of each(few)) this.#node({ node: root, indent: '', isLast: true }, true);
    this.#more(roots.length - few.length, '');
    for (const { text } of each(deadlocks)) this.#say(`${this.#paint('red', 'deadlock:')} ${text}`);
    return `${join(this.#lines, '\n')}\n`;
  }

  #say(line: string): void {
    push(this.#lines, line);
  }

  #node({ node, indent, isLast }: Line, isRoot = false): void {
    const mark = isRoot ? '' : isLast ? '└─ ' : '├─ ';
    const below = isRoot ? indent : indent + (isLast ? '   ' : '│  ');
    this.#say(`${indent}${mark}${this.#title(node)}${this.#limits(node)}`);
    const { children } = node;
    if ('waits' in node) this.#work(node, below + (children.length > 0 ? '│  ' : '   '));
    const few = this.#few(children);
    const more = children.length - few.length;
    for (let i = 0; i < few.length; i++) {
      const isLastOne = more === 0 && i === few.length - 1;
      this.#node({ node: few[i] as TreeNode, indent: below, isLast: isLastOne });
    }
    this.#more(more, `${below}└─ `);
  }

  #title(node: TreeNode): string {
    if (!('waits' in node)) return node.kind;
    const { waits, state } = node;
    const color = state === 'running' || state === 'sliced' ? 'green' : state === 'ready' ? 'yellow' : 'bold';
    const [first] = waits;
    const doing = first === undefined || waits.length > 1 ? state : waitLine(first);
    const ready = first?.state === 'ready' && waits.length === 1 ? ', and is about to go on' : '';
    const times = `ran ${duration(node.ranMs)}, waited ${duration(node.waitedMs)}`;
    return `${this.#paint(color, shown(node.name))}: ${doing}${ready} ${this.#paint('dim', `· ${times}`)}`;
  }

  #limits({ cancelled, deadlineMs, shield }: TreeNode): string {
    const said: string[] = [];
    if (cancelled) push(said, this.#paint('red', 'cancelled'));
    else if (deadlineMs !== undefined) push(said, `deadline in ${duration(Math.max(0, deadlineMs))}`);
    if (shield) push(said, 'shielded');
    return said.length === 0 ? '' : ` [${join(said, ', ')}]`;
  }

  #work({ waits, stack }: TaskNode, indent: string): void {
    this.#stack(stack, indent);
    for (const wait of each(waits)) {
      if (waits.length > 1) this.#say(`${indent}${waitLine(wait)}`);
      this.#stack(wait.stack, indent);
    }
  }

  #stack(stack: readonly string[] | undefined, indent: string): void {
    for (const frame of each(stack ?? [])) this.#say(`${indent}${this.#paint('dim', `   at ${frame}`)}`);
  }

  /** Thousands of tasks mostly do the same: of those that are alike, the first ones. */
  #few(nodes: readonly TreeNode[]): readonly TreeNode[] {
    if (this.#all || nodes.length <= MOST_ALIKE) return nodes;
    const seen = new Map<string, number>();
    const few: TreeNode[] = [];
    for (const node of each(nodes)) {
      const place = placeOf(node);
      const count = (seen.get(place) ?? 0) + 1;
      seen.set(place, count);
      if (place === '' || count <= MOST_ALIKE) push(few, node);
    }
    return few;
  }

  #more(count: number, indent: string): void {
    if (count > 0)
      this.#say(`${indent}${this.#paint('dim', `(and ${count} more tasks that wait at the same places)`)}`);
  }
}

/** Where a node without children waits; empty for others. */
function placeOf(node: TreeNode): string {
  if (!('waits' in node) || node.children.length > 0) return '';
  const stacks = map(node.waits, ({ call, stack }) => `${call}\n${join(stack ?? [], '\n')}`);
  return `${node.state}\n${join(stacks, '\n\n')}`;
}
