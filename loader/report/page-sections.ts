// The sections of the report's page that stand still: sums, gaps, places, calls, memory, what is replaced. See page-kit.ts.
import { type Chart, chart, make, section, table, time, write } from './page-kit.js';
import type { Run } from './read-trace.js';

/** The runs beside each other, in numbers. */
export function showSums(node: string, runs: readonly Run[]): void {
  const long = ({ gaps }: Run): (readonly [number, number])[] => gaps.filter(([, ms]) => ms >= 50);
  const facts: [string, (one: Run) => string][] = [
    ['the program ran for', ({ durationMs }) => time(durationMs)],
    ['longest time that the loop did not turn', ({ longestGapMs }) => time(longestGapMs)],
    ['kept for 50 ms or longer, in all', (one) => time(long(one).reduce((sum, [, ms]) => sum + ms, 0))],
    ['so many times', (one) => String(long(one).length)],
    ['the loop worked for', ({ busyMs }) => time(busyMs)],
    ['calls that suspended', ({ calls }) => String(calls.reduce((sum, { count }) => sum + count, 0))],
    [
      'they would have blocked, one after the other, for',
      ({ calls }) => time(calls.reduce((sum, { blocks, totalMs }) => sum + (blocks ? totalMs : 0), 0)),
    ],
    ['backend', ({ info }) => String(info?.backend ?? 'no task ran')],
    ['it ended with', ({ ended }) => ended],
  ];
  section(
    'In short',
    `Node ${node}. While the event loop does not turn, nothing else happens in the program.`,
    table(
      ['', ...runs.map(({ title }) => title)],
      facts.map(([name, of]) => [name, ...runs.map(of)]),
    ),
  );
}

/** The loop's gaps over time, on one scale. */
export function showGaps(runs: readonly Run[]): void {
  const spanMs = Math.max(1, ...runs.map(({ durationMs }) => durationMs));
  const mostMs = Math.max(60, ...runs.map(({ longestGapMs }) => longestGapMs));
  const gapChart = ({ title, gaps, longestGapMs }: Run): Chart =>
    chart(130, (pen, width, height) => {
      const y = (ms: number): number => (height - 32) * Math.sqrt(ms / mostMs);
      for (const [at, ms] of gaps) {
        pen.fillStyle = ms >= 50 ? '#d33' : '#8ab';
        pen.fillRect((at / spanMs) * width, height - 14 - y(ms), Math.max(1.5, (ms / spanMs) * width), y(ms));
      }
      pen.fillStyle = '#d336';
      pen.fillRect(0, height - 14 - y(50), width, 1);
      write(pen, '#667', `${title}: gaps up to ${time(longestGapMs)}; the line is 50 ms`, 4, 12);
      write(pen, '#667', `0 … ${time(spanMs)}`, 4, height - 2);
    });
  section(
    "The loop's gaps over time",
    'How long each turn of the event loop worked. Red: 50 ms or longer.',
    ...runs.map(gapChart),
  );
}

/** The places that blocked the loop in a run. */
export function showPlaces({ title, places }: Run): void {
  const rows = places.map(({ name, place, count, totalMs, longestMs, why, stack, task }) => {
    const more = make('details', '', make('summary', '', name), make('p', '', why), make('pre', '', stack));
    const where = make('div', 'about', `${place}${task === undefined ? '' : `, task ${task}`}`);
    return [make('div', '', more, where), String(count), time(totalMs), time(longestMs)];
  });
  const about =
    rows.length === 0
      ? 'Nothing did for 20 ms or longer.'
      : 'For 20 ms or longer. A click shows why, and the stack.';
  const found = rows.length === 0 ? [] : [table(['place', 'times', 'in all', 'longest'], rows)];
  section(`What blocked the loop, ${title}`, about, ...found);
}

/** The calls that suspended. */
export function showCalls({ calls }: Run): void {
  const rows = calls.map(({ name, count, totalMs, longestMs, blocks }) => [
    name,
    String(count),
    time(totalMs),
    time(longestMs),
    blocks ? time(totalMs) : '',
  ]);
  section(
    'What suspended',
    'Waits that plain Node has would have blocked the loop for as long. Others (locks, queues, promises, tasks) only exist here.',
    table(['call', 'times', 'waited', 'longest', 'blocking saved'], rows),
  );
}

/** Memory and stacks over time. */
export function showMemory({ memory, stacks, durationMs }: Run): void {
  const lines = (
    points: readonly (readonly [number, number, number])[],
    unit: (count: number) => string,
    labels: [string, string],
  ): Chart =>
    chart(110, (pen, width, height) => {
      const most = Math.max(1, ...points.map(([, a, b]) => Math.max(a, b)));
      const spanMs = Math.max(1, durationMs);
      for (const [series, color] of [
        [1, '#58c'],
        [2, '#3a7'],
      ] as const) {
        for (const [i, point] of points.entries()) {
          const until = points[i + 1]?.[0] ?? durationMs;
          const y = (height - 16) * (point[series] / most);
          const wide = Math.max(1, ((until - point[0]) / spanMs) * width);
          pen.fillStyle = color;
          pen.fillRect((point[0] / spanMs) * width, height - y, wide, 2);
        }
        const highest = Math.max(0, ...points.map((point) => point[series]));
        write(pen, color, `${labels[series - 1]}: up to ${unit(highest)}`, 4 + (series - 1) * 220, 12);
      }
    });
  const bytes = (count: number): string => `${(count / 1e6).toFixed(1)} MB`;
  section(
    'Memory and stacks',
    'Sampled four times a second, while the loop turns.',
    lines(memory, bytes, ['process', "JavaScript's heap"]),
    lines(stacks, String, ['stacks', 'of them suspended']),
  );
}

/** Lists the modules that aevent replaced, and the features that are off. */
export function showReplaced(run: Run): void {
  const info = (run.info ?? {}) as {
    backend?: string;
    replaced?: string[];
    importedEarlier?: string[];
    features?: Record<string, string>;
    reason?: string;
  };
  const off = Object.entries(info.features ?? {}).filter(([, state]) => state !== 'on');
  const rows: [string, string][] = [
    ['replaced', info.replaced?.join(', ') ?? 'unknown: nothing was recorded'],
    ['imported before aevent, natively', info.importedEarlier?.join(', ') || 'nothing'],
    ['backend', `${info.backend ?? 'none'}: ${info.reason ?? ''}`],
    ...off,
  ];
  section('What is replaced', '', table(['', ''], rows));
}
