// Describes a wait in words and as edges of the graph of which task waits for which. The words are made when they are asked for:
// of the thing that the wait has kept. Things of the program's are asked as little as can be; nothing here throws.
import { builtin } from '../base/builtins.js';
import { isA, isProxy, kindOf, quoted, shown } from '../base/describe.js';
import { type Needs, type Subject, Timed, type Told, tellWait } from '../suspension/subject.js';
import type { Wait } from '../suspension/suspension.js';

/** A wait that is looked at. */
export interface ToldWait {
  /** E.g. `fs.readFileSync "/path"`. */
  readonly text: string;
  /** Undefined where it does not wait for other tasks, or gives up after some time. */
  readonly needs: Needs | undefined;
}

/** Tells what a parked wait waits for. */
export function tellOf({ what, about }: Pick<Wait<unknown>, 'what' | 'about'>): ToldWait {
  const isTimed = about instanceof Timed;
  const { text, instead, needs } = told(isTimed ? about.subject : about);
  const name = shown(what);
  const whole = instead === true ? text : text === '' ? name : `${name} ${text}`;
  return {
    text: isTimed ? `${whole} (at most ${about.limitMs} ms)` : whole,
    needs: isTimed ? undefined : needs,
  };
}

const nothing: Told = { text: '' };

function told(about: unknown): Told {
  try {
    if (about === undefined || about === null) return nothing;
    if (typeof about === 'string') return { text: shown(quoted(about)) };
    if (typeof about === 'number') return { text: `fd ${about}` };
    if (typeof about !== 'object' || isProxy(about)) return nothing;
    return tellWait in about ? (about as Subject)[tellWait]() : { text: shown(textOfThing(about)) };
  } catch {
    return nothing;
  }
}

function textOfThing(thing: object): string {
  // Not before: it would load them, and they would count as imported by the program.
  const { Socket } = builtin<typeof import('node:net')>('net');
  const { ChildProcess } = builtin<typeof import('node:child_process')>('child_process');
  if (isA(thing, URL)) return quoted(thing.href);
  if (isA(thing, ChildProcess)) return `on child ${thing.pid}: ${thing.spawnargs.join(' ')}`;
  if (isA(thing, Socket)) {
    const { remoteAddress: address, remotePort: port, remoteFamily: family } = thing;
    if (address === undefined) return 'on socket';
    return `on socket ${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }
  const { path } = thing as { path?: unknown };
  return typeof path === 'string' ? `on ${kindOf(thing)} ${quoted(path)}` : `on ${kindOf(thing)}`;
}
