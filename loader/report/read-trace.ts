// Reads the data of the report from the trace of a run.
import { readFileSync } from 'node:fs';

/** A trace event, as far as the report reads them. */
interface Event {
  readonly ph: string;
  readonly name: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** A stretch of a lane: what it was, from when, for how long; milliseconds since the run's start. */
export type Segment = readonly [kind: number, name: number, startMs: number, durationMs: number];

/** The sums of one call that suspended. */
export interface CallSum {
  name: string;
  count: number;
  totalMs: number;
  longestMs: number;
  /** Whether plain Node would have blocked meanwhile. */
  blocks: boolean;
}

/** A place that blocked the loop. */
export interface PlaceSum {
  name: string;
  place: string;
  count: number;
  totalMs: number;
  longestMs: number;
  why: string;
  stack: string;
  task: string | undefined;
}

/** A run of the program, for the page. */
export interface Run {
  readonly title: string;
  readonly ended: string;
  readonly durationMs: number;
  /** When the loop did not turn, for how long: turns of a millisecond or more. */
  readonly gaps: readonly (readonly [startMs: number, durationMs: number])[];
  readonly longestGapMs: number;
  readonly busyMs: number;
  readonly places: readonly PlaceSum[];
  readonly calls: readonly CallSum[];
  readonly names: readonly string[];
  readonly lanes: readonly { readonly name: string; readonly segments: readonly Segment[] }[];
  readonly segmentsLeftOut: number;
  readonly memory: readonly (readonly [atMs: number, rss: number, heap: number])[];
  readonly stacks: readonly (readonly [atMs: number, made: number, parked: number])[];
  /** `aevent.info()` at the end. */
  readonly info: Readonly<Record<string, unknown>> | undefined;
}

/** Kinds of segments, in the order of the page's colours. */
export const KINDS = ['running', 'parked', 'ready', 'blocked', 'collecting'] as const;

const MOST_SEGMENTS = 300_000;
const LOOP = 1;
const BLOCKED = 2;
const COLLECTOR = 3;
const SHORTEST_GAP_MS = 1;
/** Waits in the place of calls that block in plain Node; others wait for what only the program can bring. */
const BLOCKING = /^(?:child process|fs|crypto|zlib|dns|sleepSync|Atomics\.wait|process\.std|readline|os)\b/;

/**
 * Reads a trace.
 * @throws SyntaxError if it is none
 */
export function readTrace(file: string, title: string, ended: string): Run {
  const events = JSON.parse(readFileSync(file, 'utf8')) as Event[];
  const timed = events.filter(({ ph }) => ph !== 'M');
  const startUs = timed.reduce((least, { ts }) => Math.min(least, ts), Number.POSITIVE_INFINITY);
  const endUs = timed.reduce((most, { ts, dur = 0 }) => Math.max(most, ts + dur), startUs);
  const ms = (us: number): number => Math.round(us / 10) / 100;
  const at = ({ ts }: Event): number => ms(ts - startUs);
  const turns = timed.filter(({ tid, name }) => tid === LOOP && name === 'turn');
  const gaps = turns.map((turn) => [at(turn), ms(turn.dur ?? 0)] as const);
  const sum = (list: readonly (readonly [number, number])[]): number =>
    list.reduce((all, [, part]) => all + part, 0);
  const counters = (name: string): Event[] =>
    timed.filter((event) => event.ph === 'C' && event.name === name);
  const number = ({ args }: Event, key: string): number => Number(args?.[key] ?? 0);
  return {
    title,
    ended,
    durationMs: timed.length === 0 ? 0 : ms(endUs - startUs),
    gaps: gaps.filter(([, duration]) => duration >= SHORTEST_GAP_MS),
    longestGapMs: gaps.reduce((most, [, duration]) => Math.max(most, duration), 0),
    busyMs: sum(gaps),
    places: placesOf(timed, ms),
    ...lanesOf(events, at, ms, endUs),
    memory: counters('memory').map((event) => [at(event), number(event, 'rss'), number(event, 'heap')]),
    stacks: counters('stacks').map((event) => [at(event), number(event, 'made'), number(event, 'parked')]),
    info: timed.findLast(({ name, tid, ph }) => name === 'aevent' && tid === LOOP && ph === 'i')?.args,
  };
}

function placesOf(events: readonly Event[], ms: (us: number) => number): PlaceSum[] {
  const places = new Map<string, PlaceSum>();
  for (const { name, dur = 0, args = {} } of events.filter(({ tid }) => tid === BLOCKED)) {
    const text = (key: string): string => String(args[key] ?? '');
    const key = `${name}\n${text('place')}`;
    // Several places may have shared the time in which the loop did not turn.
    const durationMs = typeof args.ownMs === 'number' ? args.ownMs : ms(dur);
    const known = places.get(key) ?? {
      name,
      place: text('place'),
      count: 0,
      totalMs: 0,
      longestMs: 0,
      why: text('why'),
      stack: text('stack'),
      task: args.task as string | undefined,
    };
    known.count++;
    known.totalMs += durationMs;
    if (durationMs > known.longestMs) Object.assign(known, { longestMs: durationMs, stack: text('stack') });
    places.set(key, known);
  }
  return [...places.values()].sort((a, b) => b.totalMs - a.totalMs);
}

type Lanes = Pick<Run, 'calls' | 'names' | 'lanes' | 'segmentsLeftOut'>;

function lanesOf(
  events: readonly Event[],
  at: (event: Event) => number,
  ms: (us: number) => number,
  endUs: number,
): Lanes {
  const names = new Map<string, number>();
  const nameOf = (name: string): number => {
    const known = names.get(name) ?? names.size;
    names.set(name, known);
    return known;
  };
  const lanes = new Map<number, { name: string; segments: Segment[] }>();
  const laneOf = (tid: number): { name: string; segments: Segment[] } => {
    const lane = lanes.get(tid) ?? { name: `lane ${tid}`, segments: [] };
    lanes.set(tid, lane);
    return lane;
  };
  const calls = new Map<string, CallSum>();
  const open = new Map<number, Event[]>();
  let segments = 0;
  const add = (event: Event, kind: number, durationMs: number): void => {
    if (++segments <= MOST_SEGMENTS)
      laneOf(event.tid).segments.push([kind, nameOf(event.name), at(event), durationMs]);
  };
  const waited = (begin: Event, untilUs: number): void => {
    const durationMs = ms(untilUs - begin.ts);
    add(begin, 1, durationMs);
    const name = callOf(begin.name);
    const sum = calls.get(name) ?? { name, count: 0, totalMs: 0, longestMs: 0, blocks: BLOCKING.test(name) };
    sum.count++;
    sum.totalMs += durationMs;
    sum.longestMs = Math.max(sum.longestMs, durationMs);
    calls.set(name, sum);
  };
  for (const event of events) {
    const { ph, tid, name, dur = 0, args } = event;
    if (ph === 'M' && name === 'thread_name') laneOf(tid).name = String(args?.name);
    else if (ph === 'B') open.set(tid, [...(open.get(tid) ?? []), event]);
    else if (ph === 'E') {
      const begin = open.get(tid)?.pop();
      if (begin !== undefined) waited(begin, event.ts);
    } else if (ph === 'X' && tid !== LOOP) add(event, kindOf(event), ms(dur));
    else if (ph === 'X' && ms(dur) >= SHORTEST_GAP_MS) add(event, 0, ms(dur));
  }
  for (const [, begun] of open) for (const begin of begun) waited(begin, endUs);
  return {
    calls: [...calls.values()].sort((a, b) => b.totalMs - a.totalMs),
    names: [...names.keys()],
    lanes: [...lanes]
      .sort(([a], [b]) => a - b)
      .map(([, lane]) => lane)
      .filter(({ segments: own }) => own.length > 0),
    segmentsLeftOut: Math.max(0, segments - MOST_SEGMENTS),
  };
}

const kindOf = ({ tid, cat }: Event): number => {
  if (tid === BLOCKED) return 3;
  if (tid === COLLECTOR) return 4;
  return cat === 'ready' ? 2 : 0;
};

/** Without what tells one call from the others: arguments, paths. */
const callOf = (what: string): string =>
  /^child process/.exec(what)?.[0] ?? /^[^\s("'/]+/.exec(what)?.[0] ?? what;
