// What the report's page does in the browser. `show` is put into the page as text, so all that it needs is inside of it; the
// page's own types are declared as far as they are used. Text of the program only becomes text of nodes, never HTML.
import type { Run } from './read-trace.js';

interface Pen {
  fillStyle: string;
  font: string;
  scale(x: number, y: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number, most?: number): void;
}

interface Pointer {
  offsetX: number;
  offsetY: number;
  deltaY: number;
  buttons: number;
  movementX: number;
  movementY: number;
  preventDefault(): void;
}

interface Element {
  textContent: string | null;
  className: string;
  value: string;
  placeholder: string;
  width: number;
  height: number;
  hidden: boolean;
  readonly clientWidth: number;
  readonly clientHeight: number;
  readonly dataset: Record<string, string>;
  append(...nodes: (Element | string)[]): void;
  replaceChildren(...nodes: Element[]): void;
  addEventListener(name: string, heard: (event: Pointer) => void, options?: { passive: boolean }): void;
  getContext(kind: '2d'): Pen;
}

declare const document: {
  readonly body: Element;
  createElement(tag: string): Element;
  getElementById(id: string): Element | null;
};
declare const window: {
  readonly devicePixelRatio: number;
  readonly location: { readonly hash: string };
  addEventListener(name: string, heard: (event: { message?: string }) => void): void;
};

/** The data in the page. */
export interface ReportData {
  readonly program: string;
  readonly node: string;
  /** The one with aevent first. */
  readonly runs: readonly Run[];
}

/** Fills the page. `#find=text` and `#from=ms&to=ms` in the URL search and zoom. */
export function show(): void {
  const errors: string[] = [];
  window.addEventListener('error', ({ message }) => {
    errors.push(String(message));
    document.body.dataset.errors = errors.join('\n');
  });
  const { program, node, runs } = JSON.parse(
    document.getElementById('data')?.textContent ?? '',
  ) as ReportData;
  const [run] = runs as [Run];
  const asked = new Map(
    window.location.hash
      .slice(1)
      .split('&')
      .map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]),
  );

  const make = (tag: string, className: string, ...inside: (Element | string)[]): Element => {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...inside);
    return element;
  };
  const main = document.getElementById('main') as Element;
  const section = (title: string, about: string, ...inside: Element[]): void =>
    main.append(make('h2', '', title), make('p', 'about', about), ...inside);
  const time = (ms: number): string =>
    ms >= 10_000
      ? `${(ms / 1000).toFixed(1)} s`
      : ms >= 100
        ? `${Math.round(ms)} ms`
        : `${Math.round(ms * 10) / 10} ms`;
  const bytes = (count: number): string => `${(count / 1e6).toFixed(1)} MB`;
  const table = (heads: string[], rows: (Element | string)[][]): Element => {
    const cell = (tag: string) => (inside: Element | string, i: number) =>
      make(tag, i > 0 ? 'value' : '', inside);
    const made = make('table', '', make('tr', '', ...heads.map(cell('th'))));
    made.append(...rows.map((row) => make('tr', 'row', ...row.map(cell('td')))));
    return made;
  };
  const canvas = (
    height: number,
    draw: (pen: Pen, width: number, height: number) => void,
  ): [Element, () => void] => {
    const made = make('canvas', '');
    const redraw = (): void => {
      const scale = window.devicePixelRatio;
      const width = made.clientWidth;
      made.width = width * scale;
      made.height = height * scale;
      const pen = made.getContext('2d');
      pen.scale(scale, scale);
      pen.clearRect(0, 0, width, height);
      pen.font = '11px sans-serif';
      draw(pen, width, height);
    };
    (made as unknown as { style: { height: string } }).style.height = `${height}px`;
    window.addEventListener('resize', redraw);
    return [made, redraw];
  };
  const redraws: (() => void)[] = [];
  const chart = (height: number, draw: (pen: Pen, width: number, height: number) => void): Element => {
    const [made, redraw] = canvas(height, draw);
    redraws.push(redraw);
    return made;
  };
  const text = (color: string) => (pen: Pen, label: string, x: number, y: number, most?: number) => {
    pen.fillStyle = color;
    pen.fillText(label, x, y, most);
  };
  const grey = text('#667');

  // ---- the whole ----
  (document.getElementById('title') as Element).textContent = program;
  const blocked = ({ gaps }: Run): number => gaps.reduce((sum, [, ms]) => sum + (ms >= 50 ? ms : 0), 0);
  const facts: [string, (one: Run) => string][] = [
    ['the program ran for', ({ durationMs }) => time(durationMs)],
    ['longest time that the loop did not turn', ({ longestGapMs }) => time(longestGapMs)],
    ['kept for 50 ms or longer, in all', (one) => time(blocked(one))],
    ['so many times', ({ gaps }) => String(gaps.filter(([, ms]) => ms >= 50).length)],
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

  // ---- gaps ----
  const spanMs = Math.max(1, ...runs.map(({ durationMs }) => durationMs));
  const mostMs = Math.max(60, ...runs.map(({ longestGapMs }) => longestGapMs));
  const gapChart = ({ title, gaps }: Run): Element =>
    chart(130, (pen, width, height) => {
      const y = (ms: number): number => (height - 20) * Math.sqrt(ms / mostMs);
      for (const [at, ms] of gaps) {
        pen.fillStyle = ms >= 50 ? '#d33' : '#8ab';
        pen.fillRect((at / spanMs) * width, height - 14 - y(ms), Math.max(1.5, (ms / spanMs) * width), y(ms));
      }
      pen.fillStyle = '#d336';
      pen.fillRect(0, height - 14 - y(50), width, 1);
      grey(
        pen,
        `${title}: gaps up to ${time(Math.max(0, ...gaps.map(([, ms]) => ms)))}; the line is 50 ms`,
        4,
        12,
      );
      grey(pen, `0 … ${time(spanMs)}`, 4, height - 2);
    });
  section(
    "The loop's gaps over time",
    'How long each turn of the event loop worked. Red: 50 ms or longer.',
    ...runs.map(gapChart),
  );

  // ---- what blocked ----
  for (const { title, places } of runs) {
    const rows = places.map(({ name, place, count, totalMs, longestMs, why, stack, task }) => {
      const more = make('details', '', make('summary', '', name), make('p', '', why), make('pre', '', stack));
      const where = make(
        'div',
        '',
        more,
        make('div', 'about', `${place}${task === undefined ? '' : `, task ${task}`}`),
      );
      return [where, String(count), time(totalMs), time(longestMs)];
    });
    section(
      `What blocked the loop, ${title}`,
      rows.length === 0
        ? 'Nothing did for 20 ms or longer.'
        : 'For 20 ms or longer. A click shows why, and the stack.',
      ...(rows.length === 0 ? [] : [table(['place', 'times', 'in all', 'longest'], rows)]),
    );
  }

  // ---- calls ----
  const callRows = run.calls.map(({ name, count, totalMs, longestMs, blocks }) => [
    name,
    String(count),
    time(totalMs),
    time(longestMs),
    blocks ? time(totalMs) : '',
  ]);
  section(
    'What suspended',
    'Waits that plain Node has would have blocked the loop for as long. Others (locks, queues, promises, tasks) only exist here.',
    table(['call', 'times', 'waited', 'longest', 'blocking saved'], callRows),
  );

  // ---- the timeline ----
  const LINE = 18;
  const LEFT = 170;
  const colors = ['#3a7', '#cdd6e4', '#fb4', '#d33', '#b7d'];
  const kinds = ['running', 'waiting', 'ready', 'blocked', 'collecting garbage'];
  let [from, to] = [Number(asked.get('from') ?? 0), Number(asked.get('to') ?? (run.durationMs || 1))];
  let top = 0;
  let lanes = run.lanes;
  const found = make('span', 'about');
  const tip = make('div', 'tip');
  const x = (ms: number, width: number): number => LEFT + ((ms - from) / (to - from)) * (width - LEFT);
  const [board, drawBoard] = canvas(430, (pen, width, height) => {
    const step = 10 ** Math.floor(Math.log10((to - from) / 2));
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      pen.fillStyle = '#e8ebf0';
      pen.fillRect(x(at, width), 0, 1, height);
      grey(pen, time(at), x(at, width) + 3, 11);
    }
    for (let i = 0; i * LINE < height && top + i < lanes.length; i++) {
      const { name, segments } = lanes[top + i] as Run['lanes'][number];
      const y = 18 + i * LINE;
      for (const [kind, label, start, ms] of segments) {
        if (start > to || start + ms < from) continue;
        const left = Math.max(LEFT, x(start, width));
        const wide = Math.max(0.7, Math.min(width, x(start + ms, width)) - left);
        pen.fillStyle = colors[kind] ?? '#999';
        pen.fillRect(left, y + 1, wide, LINE - 3);
        if (wide > 40) text('#223')(pen, run.names[label] ?? '', left + 3, y + 12, wide - 5);
      }
      pen.fillStyle = '#fff';
      pen.fillRect(0, y, LEFT - 2, LINE);
      text('#223')(pen, name, 2, y + 12, LEFT - 8);
    }
    Object.assign(board.dataset, { from: String(from), to: String(to), lanes: String(lanes.length) });
    found.textContent = `${lanes.length} of ${run.lanes.length} lanes; ${time(from)} … ${time(to)}`;
  });
  const limit = (): void => {
    const span = Math.min(Math.max(to - from, 0.01), run.durationMs * 1.2 || 1);
    from = Math.max(-span / 20, Math.min(from, run.durationMs - span / 2));
    to = from + span;
    top = Math.max(0, Math.min(top, lanes.length - 3));
    drawBoard();
  };
  const zoom = (factor: number, around: number): void => {
    from = around - (around - from) * factor;
    to = around + (to - around) * factor;
    limit();
  };
  const msAt = ({ offsetX }: Pointer): number =>
    from + ((offsetX - LEFT) / (board.clientWidth - LEFT)) * (to - from);
  let offset = 0;
  board.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, msAt(event));
    },
    { passive: false },
  );
  board.addEventListener('mousemove', (event) => {
    if (event.buttons > 0) {
      const shift = (event.movementX / (board.clientWidth - LEFT)) * (to - from);
      offset -= event.movementY;
      top += Math.trunc(offset / LINE);
      offset %= LINE;
      from -= shift;
      to -= shift;
      limit();
    }
    const lane = lanes[top + Math.floor((event.offsetY - 18) / LINE)];
    const ms = msAt(event);
    const segment = lane?.segments.findLast(([, , start, duration]) => ms >= start && ms <= start + duration);
    tip.textContent =
      segment === undefined
        ? (lane?.name ?? '')
        : `${lane?.name}: ${kinds[segment[0]]}, ${run.names[segment[1]]}, ${time(segment[3])} from ${time(segment[2])}`;
  });
  const search = make('input', '');
  search.placeholder = 'search tasks and calls';
  const find = (): void => {
    const wanted = search.value.toLowerCase();
    const named = new Set(run.names.flatMap((name, i) => (name.toLowerCase().includes(wanted) ? [i] : [])));
    lanes = run.lanes.filter(
      ({ name, segments }) =>
        name.toLowerCase().includes(wanted) || segments.some(([, label]) => named.has(label)),
    );
    top = 0;
    limit();
  };
  search.addEventListener('input', find);
  const button = (label: string, pressed: () => void): Element => {
    const made = make('button', '', label);
    made.addEventListener('click', pressed);
    return made;
  };
  const all = (): void => {
    [from, to] = [0, run.durationMs || 1];
    limit();
  };
  const scroll = (lines: number) => () => {
    top += lines;
    limit();
  };
  const middle = (): number => (from + to) / 2;
  const legend = kinds.map((name, i) => make('span', `kind kind${i}`, name));
  section(
    'Tasks',
    `A line a task. The wheel zooms, dragging moves.${run.segmentsLeftOut > 0 ? ` ${run.segmentsLeftOut} pieces are left out.` : ''}`,
    make(
      'div',
      'bar',
      search,
      button('+', () => zoom(0.5, middle())),
      button('−', () => zoom(2, middle())),
      button('all', all),
      button('▲', scroll(-10)),
      button('▼', scroll(10)),
      found,
      ...legend,
    ),
    board,
    tip,
  );

  // ---- memory ----
  const lines = (
    points: readonly (readonly [number, number, number])[],
    unit: (count: number) => string,
    labels: string[],
  ): Element =>
    chart(110, (pen, width, height) => {
      const most = Math.max(1, ...points.map(([, a, b]) => Math.max(a, b)));
      for (const [series, color] of [
        [1, '#58c'],
        [2, '#3a7'],
      ] as const) {
        points.forEach((point, i) => {
          const until = points[i + 1]?.[0] ?? run.durationMs;
          const y = (height - 16) * (point[series] / most);
          pen.fillStyle = color;
          pen.fillRect(
            (point[0] / spanMs) * width,
            height - y,
            Math.max(1, ((until - point[0]) / spanMs) * width),
            2,
          );
        });
        text(color)(
          pen,
          `${labels[series - 1]}: up to ${unit(Math.max(0, ...points.map((point) => point[series])))}`,
          4 + (series - 1) * 220,
          12,
        );
      }
    });
  section(
    'Memory and stacks',
    'Sampled four times a second, while the loop turns.',
    lines(run.memory, bytes, ['process', "JavaScript's heap"]),
    lines(run.stacks, String, ['stacks', 'of them suspended']),
  );

  // ---- what is replaced ----
  const info = (run.info ?? {}) as {
    replaced?: string[];
    importedEarlier?: string[];
    features?: Record<string, string>;
    reason?: string;
  };
  const off = Object.entries(info.features ?? {}).filter(([, state]) => state !== 'on');
  section(
    'What is replaced',
    '',
    table(
      ['', ''],
      [
        ['replaced', info.replaced?.join(', ') ?? 'unknown: nothing was recorded'],
        ['imported before aevent, natively', info.importedEarlier?.join(', ') || 'nothing'],
        ['backend', `${run.info?.backend ?? 'none'}: ${info.reason ?? ''}`],
        ...off.map(([name, state]) => [name, state]),
      ],
    ),
  );

  for (const redraw of redraws) redraw();
  window.addEventListener('resize', drawBoard);
  search.value = asked.get('find') ?? '';
  find();
  document.body.dataset.shown = 'yes';
}
