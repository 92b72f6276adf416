// The subject of a wait, for a look at tasks. A wait keeps the thing itself; words are made of it when tasks are
// looked at, so that a wait costs nothing more.

/** The method by which a thing tells what a wait for it waits for. Must not call the program's code. */
export const tellWait: unique symbol = Symbol('aevent.tellWait');

/** Tasks and contexts: owners of locks, as `threading/owner.ts` has them. */
export type Actor = object;

/** The task or thing that has to act before a wait can end. */
export type Needs =
  /** Each of these has to let go, or end. */
  | { readonly all: readonly Actor[] }
  /** The tasks of this scope have to end. */
  | { readonly childrenOf: object }
  /** One of these has to do something, as each of them did before; empty: it is not known which one does. */
  | { readonly any: readonly Actor[] }
  /** Some other task has to come. */
  | { readonly anyTask: true };

/** The result of {@link tellWait}. */
export interface Told {
  /** Follows the name of the wait, e.g. `held by worker#3`; may be empty. */
  readonly text: string;
  /** The text says what the name of the wait says, and more. */
  readonly instead?: boolean;
  readonly needs?: Needs | undefined;
}

/** A thing that tasks wait for, and that can tell about it. */
export interface Subject {
  /** @internal Stripped from the published types, as it is from the classes. */
  [tellWait](): Told;
}

/** A wait for a thing that ends by itself after some time. */
export class Timed {
  readonly subject: unknown;
  readonly limitMs: number;

  constructor(subject: unknown, limitMs: number) {
    this.subject = subject;
    this.limitMs = limitMs;
  }
}
