// What people see of slices: tasks, metrics, info, the timeline, the channel, and what the watch of the loop advises.
import diagnostics from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  call,
  info,
  metrics,
  native,
  preemptible,
  printTasks,
  startTrace,
  stopTrace,
  type TaskNode,
  tasks,
} from '../../../dist/runtime/index.js';
import { placeOf } from '../../../dist/runtime/tooling/blocking-place.js';
import { json } from '../child.js';

const step = (depth: number): number => (depth === 0 ? 1 : step(depth - 1) + 1);
const slices = (): number => info().preemption.slices;

function computeUntil(isEnough: () => boolean): boolean {
  for (const end = performance.now() + 5000; performance.now() < end; ) {
    for (let i = 0; i < 100; i++) step(20);
    if (isEnough()) return true;
  }
  return false;
}

/** Computes in a task, and looks from the loop when that was put aside. */
async function whileSliced<T>(look: () => T): Promise<T> {
  let seen: { value: T } | undefined;
  let begun = 0;
  const timer = setInterval(() => {
    if (begun === 0 || slices() === begun) return;
    seen ??= { value: look() };
  }, 0);
  await call(function computing() {
    begun = slices();
    preemptible(computeUntil, () => seen !== undefined);
  });
  clearInterval(timer);
  return (seen as { value: T }).value;
}

describe('a task that was put aside in the middle', () => {
  it('is sliced in tasks(), with its stack', async () => {
    await call(() => preemptible(computeUntil, () => slices() > 0));
    const [task] = (await whileSliced(() => tasks().roots)) as [TaskNode];
    expect(task.state).toBe('sliced');
    expect(task.waits).toMatchObject([{ state: 'sliced', call: 'slice' }]);
    expect(task.waits[0]?.stack?.join('\n')).toMatch(/computeUntil .*seen\.test\.ts/);
  });

  it('is printed so', async () => {
    let text = '';
    await whileSliced(() => printTasks({ write: (more) => (text += more) }));
    expect(text).toMatch(
      /computing#\d+: computes, and was put aside for a turn of the loop \(.* ms\) · ran /,
    );
  });
});

describe('slices', () => {
  it('are counted, with how long each had kept the loop', async () => {
    const { taken, lengths } = metrics().slices;
    const counted = lengths.count;
    await call(() => preemptible(computeUntil, () => slices() >= taken + 5));
    const after = metrics().slices;
    expect(after.taken).toBeGreaterThanOrEqual(taken + 5);
    expect(after.lengths.count - counted).toBe(after.taken - taken);
    expect(after.lengths).toBe(lengths);
    expect(lengths.max).toBeGreaterThanOrEqual(4e6);
    expect(JSON.parse(JSON.stringify(metrics())).slices.lengths.p50).toBeGreaterThan(0);
    expect(metrics().waits.byKind.slice?.count).toBe(after.taken);
  });

  it('are told apart from other ends of a run on the channel', async () => {
    const ends: boolean[] = [];
    const hear = (message: unknown): unknown => ends.push((message as { sliced: boolean }).sliced);
    diagnostics.subscribe('tracing:aevent:slice:end', hear);
    const before = slices();
    await call(() => preemptible(computeUntil, () => slices() >= before + 3));
    diagnostics.unsubscribe('tracing:aevent:slice:end', hear);
    expect(ends.filter(Boolean)).toHaveLength(slices() - before);
    expect(ends.at(-1)).toBe(false);
  });

  it('are heard on channels, as tasks are, that are subscribed to after a garbage collection', async () => {
    expect(await json<number>(['channel-late.mjs'])).toBe(1);
  });

  it('are in the lane of their task', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'aevent-sliced-'));
    startTrace(join(dir, 'trace.json'));
    const before = slices();
    await call(() => preemptible(computeUntil, () => slices() >= before + 3));
    const events = JSON.parse(readFileSync(stopTrace() as string, 'utf8')) as Record<string, unknown>[];
    rmSync(dir, { recursive: true });
    const own = events.filter(({ cat }) => cat === 'slice');
    expect(own.filter(({ ph }) => ph === 'B')).toHaveLength(slices() - before);
    expect(own.filter(({ ph }) => ph === 'E')).toHaveLength(slices() - before);
    expect(new Set(own.map(({ tid }) => tid)).size).toBe(1);
  });
});

const FORBIDDEN = /suspensions are forbidden there: native\(\)/;
const PARSES = /a call of native code, which answers when it returns: JSON\.parse/;

describe('what could not be sliced', () => {
  const calls = (count: number): void => {
    for (let i = 0; i < count; i++) step(20);
  };
  const timesLonger = (loop: (n: number) => unknown, ms: number): void => {
    for (const end = performance.now() + ms; performance.now() < end; ) loop(1000);
  };

  it('is named with the reason: native(), and a native call that takes long', async () => {
    const list = Array.from({ length: 150_000 }, (_, i) => ({ i, text: `text ${i}` }));
    const text = `[${Array(4).fill(JSON.stringify(list))}]`;
    const work = (): void => {
      native(() => timesLonger(calls, 60));
      const goOn = (): void => {
        const before = slices();
        computeUntil(() => slices() > before);
      };
      goOn();
      JSON.parse(text);
      calls(10_000);
      goOn();
    };
    const placesHere = () => info().preemption.places.filter(({ at }) => /seen\.test\.ts.*:\d+$/.test(at));
    const reasonsOf = (): string =>
      placesHere()
        .map(({ why }) => why)
        .join('\n');
    // A busy machine may run something else just when it should be looked.
    for (let i = 0; i < 5 && !(FORBIDDEN.test(reasonsOf()) && PARSES.test(reasonsOf())); i++)
      await call(() => preemptible(work));
    const { longest } = info().preemption;
    const places = placesHere();
    for (const { count, longestMs } of places) {
      expect(count).toBeGreaterThan(0);
      expect(longestMs).toBeGreaterThan(10);
    }
    expect(reasonsOf()).toMatch(FORBIDDEN);
    expect(reasonsOf()).toMatch(PARSES);
    expect(longest.ms).toBeGreaterThan(10);
  });

  it('is named with the reason: a loop that V8 has optimized', async () => {
    const named = (): Promise<{ places: { at: string; why: string }[] }> =>
      json(['--allow-natives-syntax', 'optimized-loop.mjs']);
    const reason = /^V8 can be ended there, but not sliced: a loop/;
    let { places } = await named();
    for (let i = 0; i < 4 && !places.some(({ why }) => reason.test(why)); i++) ({ places } = await named());
    expect(places).toContainEqual(
      expect.objectContaining({
        at: expect.stringMatching(/optimized-loop\.mjs:\d+$/),
        why: expect.stringMatching(reason),
      }),
    );
  });

  it.each([
    ['', /^It computes\. aevent\.preemptible\(\) lets the loop turn meanwhile, unless/],
    [
      'this code belongs to no task',
      /^It computes, and belongs to no task: aevent\.call\(\(\) => aevent\.preemptible/,
    ],
    ['native() is in force', /^It computes where nothing can be suspended: native\(\) is in force\./],
  ])('is advised by the watch of the loop, where the reason is "%s"', (reason, why) => {
    const sample = { atMs: 0, weightMs: 1, task: undefined, isLate: false, computes: false, reason };
    const stack = '    at work (file:///app.mjs:1:1)\n';
    const found = placeOf({ ...sample, stack, call: undefined, module: undefined }, []);
    expect(found.place).toBe('work (file:///app.mjs)');
    expect(found.why).toMatch(why);
  });
});
