// Which task waits for which other one, for ever. A wait is dead if it cannot end:
//   it needs all of some tasks (the holder of a lock, a thread that is joined, a group's tasks), and one of them is stuck;
//   it needs one of those who helped before (put something into the queue), and all of them are stuck;
//   it needs some other task (at a barrier), and all are stuck.
// A task is stuck if it waits, and its wait is dead. A wait with a time limit is not dead, nor is one in a scope with a
// deadline, nor one that the event loop ends. So first all tasks that wait for other tasks are taken for stuck; then those
// are struck off that one which is not can help, until none is left.
// A queue that a callback has put something into is never dead, nor one that no task has: which one will is not known. Once the
// event loop has run dry, it is: then nothing but tasks is left.
import { each, every, filter, find, indexOf, join, map, push, slice } from '../base/primordials.js';
import type { Actor, Needs } from '../suspension/subject.js';

/** A task, or a callback, that may be stuck. */
export interface Suspect {
  readonly actor: Actor;
  readonly name: string;
  /** The scope that it is a task of. */
  readonly parentScope: object | undefined;
  /** Its waits for other tasks; empty: it runs, or waits for something else. */
  readonly waits: readonly SuspectWait[];
}

/** A wait for other tasks. */
export interface SuspectWait {
  readonly text: string;
  readonly needs: Needs;
  /** It ends by itself. */
  readonly ends: boolean;
}

/** Tasks that wait for each other, for ever. */
export interface Deadlock {
  /** Their names, each before the one that it waits for; the last waits for the first. */
  readonly tasks: readonly string[];
  /** The whole as a sentence. */
  readonly text: string;
}

interface Vertex {
  readonly suspect: Suspect;
  stuck: boolean;
  /** Whom it needs, as far as those are known one by one: all of them, or any. */
  readonly needed: Vertex[];
  needsAll: boolean;
  /** Any task can help. */
  needsAnyTask: boolean;
  /** How many of those whom it needs are stuck. */
  stuckNeeds: number;
  /** Those who need it. */
  readonly neededBy: Vertex[];
  /** A task that waits for it alone, and not as for one task of a group. */
  waiter: Vertex | undefined;
}

/** Facts about tasks that their waits do not tell. */
export interface Knowledge {
  /** True of a task that has ended. */
  isOver(actor: Actor): boolean;
  /** Nothing is left in the event loop. */
  readonly isDry: boolean;
}

/** Finds the deadlocks among all that there are. */
export function findDeadlocks(suspects: Iterable<Suspect>, known: Knowledge): Deadlock[] {
  const vertices: Vertex[] = [];
  const byActor = new Map<Actor, Vertex>();
  const byScope = new Map<object, Vertex[]>();
  for (const suspect of suspects) {
    const vertex = vertexOf(suspect);
    push(vertices, vertex);
    byActor.set(suspect.actor, vertex);
    const { parentScope } = suspect;
    if (parentScope === undefined) continue;
    const siblings = byScope.get(parentScope);
    if (siblings === undefined) byScope.set(parentScope, [vertex]);
    else push(siblings, vertex);
  }
  for (const vertex of each(vertices)) connect(vertex, byActor, byScope, known);
  strikeOff(vertices);
  return cyclesOf(filter(vertices, ({ stuck }) => stuck));
}

function vertexOf(suspect: Suspect): Vertex {
  const [wait] = each(suspect.waits);
  // Of several waits each may end by what the code around another does.
  const stuck = suspect.waits.length === 1 && wait?.ends === false;
  return {
    suspect,
    stuck,
    needed: [],
    needsAll: true,
    needsAnyTask: false,
    stuckNeeds: 0,
    neededBy: [],
    waiter: undefined,
  };
}

function connect(
  vertex: Vertex,
  byActor: ReadonlyMap<Actor, Vertex>,
  byScope: ReadonlyMap<object, Vertex[]>,
  { isOver, isDry }: Knowledge,
): void {
  const { needs } = vertex.suspect.waits[0] ?? {};
  if (!vertex.stuck || needs === undefined) return;
  const need = (needed: Vertex | undefined): void => {
    if (needed === undefined) return;
    push(vertex.needed, needed);
    push(needed.neededBy, vertex);
  };
  if ('childrenOf' in needs) {
    for (const child of each(byScope.get(needs.childrenOf) ?? [])) need(child);
  } else if ('all' in needs) {
    for (const actor of each(needs.all)) {
      const holder = byActor.get(actor);
      need(holder);
      if (holder !== undefined) holder.waiter ??= vertex;
    }
  } else {
    vertex.needsAll = false;
    vertex.needsAnyTask = isDry || 'anyTask' in needs;
    if (vertex.needsAnyTask) return;
    const helpers = 'any' in needs ? filter(needs.any, (actor) => !isOver(actor)) : [];
    // One that is none of these is a callback, or the program.
    if (!every(helpers, (actor) => byActor.has(actor))) return;
    for (const actor of each(helpers)) need(byActor.get(actor));
  }
}

function strikeOff(vertices: readonly Vertex[]): void {
  const alive: Vertex[] = [];
  const free = (vertex: Vertex): void => {
    if (!vertex.stuck) return;
    vertex.stuck = false;
    push(alive, vertex);
  };
  let helpsAny = false;
  for (const vertex of each(vertices)) {
    vertex.stuckNeeds = filter(vertex.needed, ({ stuck }) => stuck).length;
    if (!vertex.stuck) helpsAny = true;
  }
  for (const vertex of each(vertices)) {
    const { needed, stuckNeeds, needsAll, needsAnyTask } = vertex;
    if (needsAnyTask) continue;
    if (stuckNeeds === 0 || (!needsAll && stuckNeeds < needed.length)) free(vertex);
  }
  for (let i = 0; i < alive.length || helpsAny; i++) {
    if (i === 0) for (const vertex of each(vertices)) if (vertex.needsAnyTask) free(vertex);
    helpsAny = false;
    for (const dependent of each(alive[i]?.neededBy ?? [])) {
      dependent.stuckNeeds--;
      if (dependent.stuckNeeds === 0 || !dependent.needsAll) free(dependent);
    }
  }
}

function cyclesOf(stuck: readonly Vertex[]): Deadlock[] {
  const found: Deadlock[] = [];
  const seen = new Map<Vertex, number>();
  const helpless = filter(stuck, ({ needsAll }) => !needsAll);
  const anotherOf = (list: readonly Vertex[], vertex: Vertex): Vertex | undefined =>
    list[list[0] === vertex ? 1 : 0];
  // One that needs any is waited for by some other, or is one of those that all do.
  const nextOf = (vertex: Vertex): Vertex | undefined =>
    find(vertex.needed, (needed) => needed.stuck) ??
    (vertex.waiter?.stuck ? vertex.waiter : (anotherOf(helpless, vertex) ?? anotherOf(stuck, vertex)));
  for (let walk = 0; walk < stuck.length; walk++) {
    const path: Vertex[] = [];
    let vertex: Vertex | undefined = stuck[walk];
    while (vertex !== undefined && !seen.has(vertex)) {
      seen.set(vertex, walk);
      push(path, vertex);
      vertex = nextOf(vertex);
    }
    if (vertex !== undefined && seen.get(vertex) === walk)
      push(found, deadlockOf(slice(path, indexOf(path, vertex))));
    else if (vertex === undefined && path.length === 1) push(found, deadlockOf(path));
  }
  return found;
}

function deadlockOf(cycle: readonly Vertex[]): Deadlock {
  const tasks = map(cycle, ({ suspect }) => suspect.name);
  const text = join(
    map(cycle, ({ suspect }) => `${suspect.name} waits in ${suspect.waits[0]?.text}`),
    '; ',
  );
  return { tasks, text };
}
