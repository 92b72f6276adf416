// Which task goes on next, where several could. The hub resumes them in the order in which they were woken; a test that
// looks for a bad interleaving puts an order of its own in that place (see testing/).

/** Decides when each of the tasks that could go on does so. */
export interface Scheduler {
  /** A task was started or woken: calling `go`, once and from the event loop, has it run. */
  ready(go: () => void): void;
  /** A task that need not wait is at a point where it might have to: may let others go first. */
  interleave(what: string): void;
}

let current: Scheduler | undefined;

/** The scheduler in force; nearly always none. */
export function scheduler(): Scheduler | undefined {
  return current;
}

/** Puts a scheduler in force, or none. */
export function setScheduler(next: Scheduler | undefined): void {
  current = next;
}

/** To be called by what suspends only if it has to, before it looks whether it has to. */
export function interleave(what: string): void {
  if (current !== undefined) current.interleave(what);
}
