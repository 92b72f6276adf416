// Emitters that look at each event before anything becomes of it, kept for a suspended piece or emitted: a Worker, whose messages
// a task may wait for.

/** The method by which an emitter sees an event; it returns true if that was all that becomes of it. */
export const seesFirst: unique symbol = Symbol('aevent.seesFirst');

/** The emitter that emits an event that it has seen already. */
let seen: object | undefined;

/** Has an emitter see an event. @returns true if that was all */
export function isTaken(emitter: object, args: readonly unknown[]): boolean {
  const see: unknown = Reflect.get(emitter, seesFirst);
  return typeof see === 'function' && (Reflect.apply(see, emitter, args) as boolean);
}

/** Runs `emit`, by which the emitter emits what {@link isTaken} has shown it. */
export function emitSeen<T>(emitter: object, emit: () => T): T {
  seen = emitter;
  try {
    return emit();
  } finally {
    seen = undefined;
  }
}

/** True if the emitter has seen the event that it begins to emit. */
export function wasSeen(emitter: object): boolean {
  const was = seen === emitter;
  seen = undefined; // a listener may have it emit another one
  return was;
}
