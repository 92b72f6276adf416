// The tree of runners, groups, scopes and tasks of this thread, as data. Nothing keeps it while nobody
// looks: it is made of the tasks that live and of the calls that are parked, by going outwards along their scopes.
import { builtin } from '../base/builtins.js';
import { now } from '../base/clock.js';
import { describe, shown } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { find, pop, push } from '../base/primordials.js';
import type { CancelScope } from '../cancellation/cancel-scope.js';
import { type Context, currentContext } from '../suspension/context.js';
import { core, isOnCarrier } from '../suspension/native-core.js';
import { withoutSuspension } from '../suspension/portal.js';
import { parkedOnCarriers, stackOnCarrier, timesOnCarrier, type Wait } from '../suspension/suspension.js';
import { SLICE } from '../suspension/wait-kinds.js';
import { isRunner } from '../tasks/runner.js';
import { Task } from '../tasks/task.js';
import { TaskGroup } from '../tasks/task-group.js';
import { type Deadlock, findDeadlocks, type Suspect, type SuspectWait } from './deadlocks.js';
import { nameCut, nameOfCallback } from './names.js';
import { ProgramFrames } from './program-frames.js';
import { tellOf } from './wait-text.js';

/** A suspended call. */
export interface WaitNode {
  /** The call that it waits in, e.g. `Lock.acquire held by worker#3`. */
  readonly text: string;
  /** The call alone, e.g. `Lock.acquire`. */
  readonly call: string;
  /** `ready`: what it waited for has come, and it is about to go on. `sliced`: it computes, and was put aside for a turn. */
  readonly state: 'parked' | 'ready' | 'sliced';
  /** How long it has waited, in milliseconds. */
  readonly forMs: number;
  /** The program's frames, the innermost first; undefined where no stacks were asked for. */
  readonly stack: readonly string[] | undefined;
}

/**
 * `sliced`: it computes, and was put aside to let the event loop turn. `ready` is also a task that has not begun; `awaiting`:
 * its async function awaits a promise, as in plain Node, and nothing of it is suspended.
 */
export type TaskState = 'running' | 'ready' | 'parked' | 'sliced' | 'awaiting';

/** The properties that all nodes of the tree have. */
interface Limits {
  /** Whether what waits inside is cancelled. */
  readonly cancelled: boolean;
  /** In how many milliseconds the scope's own deadline comes; undefined: it has none. */
  readonly deadlineMs: number | undefined;
  /** Whether cancellations from outside stay out. */
  readonly shield: boolean;
  readonly children: readonly TreeNode[];
}

/** A scope that has a deadline, a shield, or was cancelled; a task group; or a runner. */
export interface ScopeNode extends Limits {
  readonly kind: 'runner' | 'group' | 'scope';
}

/** A task, or a piece of work that is entered by itself: a callback, a `perTask()` section, a program under `aevent/auto`. */
export interface TaskNode extends Limits {
  readonly kind: 'task' | 'callback';
  /** Undefined for a callback. */
  readonly id: number | undefined;
  readonly name: string;
  readonly state: TaskState;
  /** Its suspended calls: async functions that run side by side in a task have one each. */
  readonly waits: readonly WaitNode[];
  /** How long it ran up to its last suspension, in milliseconds, as far as that is known. */
  readonly ranMs: number;
  /** How long all its suspensions took so far, in milliseconds. */
  readonly waitedMs: number;
  /** Of a task that runs, the program's frames. */
  readonly stack: readonly string[] | undefined;
}

/** A node of {@link Tasks.roots}. */
export type TreeNode = ScopeNode | TaskNode;

/** The result of {@link tasks}. */
export interface Tasks {
  readonly pid: number;
  /** 0 is the main thread. */
  readonly threadId: number;
  /** How many tasks live. */
  readonly live: number;
  /** How many calls are suspended. */
  readonly parked: number;
  readonly roots: readonly TreeNode[];
  /** Tasks that wait for each other, for ever. */
  readonly deadlocks: readonly Deadlock[];
}

/** Options of {@link tasks}. */
export interface TasksOptions {
  /** Whether to look at the stacks, which takes some microseconds each. Default: true. */
  stacks?: boolean;
}

/** Nodes that lie deeper are children of the one there: JSON.stringify() must not overflow the stack. */
const DEEPEST = 200;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Kids = { children: TreeNode[] };
type ScopeEntry = Mutable<ScopeNode> & Kids;
type TaskEntry = Mutable<Omit<TaskNode, 'waits'>> & Kids & { waits: WaitNode[] };
type Entry = ScopeEntry | TaskEntry;
/** Something that a tree hangs on. */
interface Hook {
  readonly node: Kids;
  readonly depth: number;
}

const { pid } = builtin<typeof import('node:process')>('process');

/**
 * The tasks of this thread, with the groups, runners and scopes that they are in, what they wait for, and for how long.
 * Not a checkpoint: nothing of the program's runs meanwhile.
 * @throws TypeError `AEVENT_INVALID_OPTIONS`, `AEVENT_UNKNOWN_OPTION`
 */
export function tasks(options: TasksOptions = {}): Tasks {
  if (typeof options !== 'object' || options === null || !isOptional(options.stacks)) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `tasks() takes { stacks: true } or { stacks: false }, not ${describe(options)}.`,
    );
  }
  const unknown = find(Object.keys(options), (name) => name !== 'stacks');
  if (unknown !== undefined) {
    throw invalidArgument(
      'AEVENT_UNKNOWN_OPTION',
      `tasks() has no option ${JSON.stringify(unknown)}. It has: stacks.`,
    );
  }
  return treeOf(options.stacks ?? true, false);
}

/** As {@link tasks}; `isDry`: nothing is left in the event loop. */
export function treeOf(withStacks: boolean, isDry: boolean): Tasks {
  return withoutSuspension(() => new Tree(withStacks, isDry).made(), 'aevent.tasks() looks at the tasks');
}

const isOptional = (value: unknown): boolean => value === undefined || typeof value === 'boolean';

class Tree {
  readonly #roots: Kids = { children: [] };
  readonly #scopes = new Map<CancelScope, Hook>();
  readonly #work = new Map<object, TaskEntry>();
  /** Waits for other tasks. */
  readonly #needs = new Map<TaskEntry, SuspectWait[]>();
  /** Some task waits for another one, and not as for one of its group. */
  #mayBeStuck = false;
  readonly #frames = new ProgramFrames();
  readonly #withStacks: boolean;
  #parked = 0;

  readonly #isDry: boolean;

  constructor(withStacks: boolean, isDry: boolean) {
    this.#withStacks = withStacks;
    this.#isDry = isDry;
  }

  made(): Tasks {
    // Not before: it would count as imported by the program.
    const { threadId } = builtin<typeof import('node:worker_threads')>('worker_threads');
    for (const task of Task.live) this.#hookOf(task.scope);
    parkedOnCarriers((carrier, wait) => this.#park(carrier, wait));
    this.#run();
    return {
      pid,
      threadId,
      live: Task.live.size,
      parked: this.#parked,
      roots: this.#roots.children,
      deadlocks: this.#mayBeStuck ? this.#deadlocks() : [],
    };
  }

  /** Where what is in `scope` hangs. */
  #hookOf(scope: CancelScope | undefined): Hook {
    const missing: CancelScope[] = [];
    let at = scope;
    while (at !== undefined && !this.#scopes.has(at)) {
      push(missing, at);
      at = at.parent;
    }
    let hook: Hook = (at && this.#scopes.get(at)) ?? { node: this.#roots, depth: 0 };
    for (let inner = pop(missing); inner !== undefined; inner = pop(missing)) {
      const node = this.#nodeOf(inner);
      if (node !== undefined) {
        push(hook.node.children, node);
        if (hook.depth < DEEPEST) hook = { node, depth: hook.depth + 1 };
      }
      this.#scopes.set(inner, hook);
    }
    return hook;
  }

  /** Undefined for a scope that says nothing. */
  #nodeOf(scope: CancelScope): Entry | undefined {
    const { holder } = scope;
    const limits = limitsOf(scope);
    if (holder instanceof Task && Task.live.has(holder)) {
      const state = holder.begun ? 'awaiting' : 'ready';
      return this.#enter(holder, taskEntry('task', holder.id, holder.name, state, holder, limits));
    }
    if (scope.left) return undefined;
    if (holder instanceof TaskGroup) return { kind: isRunner(holder) ? 'runner' : 'group', ...limits };
    const says = limits.deadlineMs !== undefined || limits.shield || scope.cancelCalled;
    return says ? { kind: 'scope', ...limits } : undefined;
  }

  #enter(actor: object, entry: TaskEntry): TaskEntry {
    this.#work.set(actor, entry);
    return entry;
  }

  /** The entry of the work that a context belongs to. */
  #entryOf(context: Context): TaskEntry {
    const scope = context.scope as CancelScope;
    const { task } = context;
    const hook = this.#hookOf(scope);
    const actor = actorOf(context);
    const known = this.#work.get(actor);
    if (known !== undefined) return known;
    const name = nameOfCallback(context);
    const entry = taskEntry(
      'callback',
      undefined,
      name,
      'awaiting',
      { ranNs: 0, waitedNs: 0 },
      limitsOf(undefined),
    );
    const around = scope.parent === undefined && task !== undefined ? this.#work.get(task) : undefined;
    push((around ?? hook.node).children, entry);
    return this.#enter(actor, entry);
  }

  #park(carrier: number, wait: Wait<unknown>): void {
    this.#parked++;
    const entry = this.#entryOf(wait.context);
    const { waitedNs, ranNs } = timesOnCarrier(carrier);
    const told = tellOf(wait);
    const state = !wait.pending ? 'ready' : wait.what === SLICE ? 'sliced' : 'parked';
    push(entry.waits, {
      text: told.text,
      call: shown(wait.what),
      state,
      forMs: ms(waitedNs),
      stack: this.#withStacks ? this.#frames.of(stackOnCarrier(carrier)) : undefined,
    });
    entry.ranMs = ms(entry.ranMs * 1e6 + ranNs);
    entry.waitedMs = ms(entry.waitedMs * 1e6 + waitedNs);
    if (entry.state !== 'ready') entry.state = state;
    const { needs } = told;
    if (needs === undefined) return;
    if (!('childrenOf' in needs)) this.#mayBeStuck = true;
    const scope = wait.context.scope as CancelScope;
    const ends = !wait.pending || scope.effectiveDeadline !== Number.POSITIVE_INFINITY;
    const known = this.#needs.get(entry);
    const need = { text: told.text, needs, ends };
    if (known === undefined) this.#needs.set(entry, [need]);
    else push(known, need);
  }

  #run(): void {
    const context = currentContext();
    if (!isOnCarrier() || context === undefined || context.mode === 'outside') return;
    const entry = this.#entryOf(context);
    entry.state = 'running';
    if (!this.#withStacks) return;
    // A line a frame, without `at`.
    const running = core.binding?.runningFrames() ?? '';
    entry.stack = this.#frames.of(`    at ${running.replaceAll('\n', '\n    at ')}`);
  }

  #deadlocks(): Deadlock[] {
    return findDeadlocks(this.#suspects(), {
      isOver: (actor) => actor instanceof Task && !Task.live.has(actor),
      isDry: this.#isDry,
    });
  }

  *#suspects(): Generator<Suspect> {
    for (const [actor, entry] of this.#work) {
      // One that waits for something else as well is not stuck.
      const needs = this.#needs.get(entry) ?? [];
      const isSuspect = entry.state !== 'running' && needs.length === entry.waits.length;
      yield {
        actor,
        name: entry.name,
        parentScope: actor instanceof Task ? actor.scope.parent : undefined,
        waits: isSuspect ? needs : [],
      };
    }
  }
}

/** Gives the owner of a context, as owners of locks are told apart. */
function actorOf({ entry, task, scope }: Context): object {
  return entry ?? task ?? scope;
}

function taskEntry(
  kind: 'task' | 'callback',
  id: number | undefined,
  name: string,
  state: TaskState,
  { ranNs, waitedNs }: { readonly ranNs: number; readonly waitedNs: number },
  { children, ...limits }: ReturnType<typeof limitsOf>,
): TaskEntry {
  return {
    kind,
    id,
    name: nameCut(name),
    state,
    waits: [],
    ranMs: ms(ranNs),
    waitedMs: ms(waitedNs),
    stack: undefined,
    ...limits,
    children,
  };
}

function limitsOf(scope: CancelScope | undefined): Mutable<Omit<Limits, 'children'>> & Kids {
  const deadline = scope?.deadline ?? Number.POSITIVE_INFINITY;
  return {
    cancelled: scope?.effectivelyCancelled ?? false,
    deadlineMs: deadline === Number.POSITIVE_INFINITY ? undefined : Math.round(deadline - now()),
    shield: scope?.shield ?? false,
    children: [],
  };
}

const ms = (ns: number): number => Math.round(ns / 1000) / 1000;
