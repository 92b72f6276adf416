// The tasks of the report's page over time: zoomed by the wheel, moved by dragging, searched. See page-kit.ts.
import { chart, type Element, make, type Pointer, section, time, write } from './page-kit.js';
import type { Run } from './read-trace.js';

/**
 * A line a task.
 * @param asked - what the page's address asks for: `find`, `from`, `to`
 */
export function showTimeline(run: Run, asked: ReadonlyMap<string, string>): void {
  const LINE = 18;
  const LEFT = 170;
  const colors = ['#3a7', '#cdd6e4', '#fb4', '#d33', '#b7d'];
  const kinds = ['running', 'waiting', 'ready', 'blocked', 'collecting garbage'];
  const wholeMs = run.durationMs || 1;
  let from = Number(asked.get('from') ?? 0);
  let to = Number(asked.get('to') ?? wholeMs);
  let top = 0;
  let lanes = run.lanes;
  const found = make('span', 'about');
  const tip = make('div', 'tip');
  const x = (ms: number, width: number): number => LEFT + ((ms - from) / (to - from)) * (width - LEFT);

  const board = chart(430, (pen, width, height) => {
    const step = 10 ** Math.floor(Math.log10((to - from) / 2));
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      pen.fillStyle = '#e8ebf0';
      pen.fillRect(x(at, width), 0, 1, height);
      write(pen, '#667', time(at), x(at, width) + 3, 11);
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
        if (wide > 40) write(pen, '#223', run.names[label] ?? '', left + 3, y + 12, wide - 5);
      }
      pen.fillStyle = '#fff';
      pen.fillRect(0, y, LEFT - 2, LINE);
      write(pen, '#223', name, 2, y + 12, LEFT - 8);
    }
    const shown = { from: String(from), to: String(to), top: String(top), lanes: String(lanes.length) };
    Object.assign(canvas.dataset, shown);
    found.textContent = `${lanes.length} of ${run.lanes.length} lanes; ${time(from)} … ${time(to)}`;
  });
  const { canvas } = board;

  const limit = (): void => {
    const span = Math.min(Math.max(to - from, 0.01), wholeMs * 1.2);
    from = Math.max(-span / 20, Math.min(from, wholeMs - span / 2));
    to = from + span;
    top = Math.max(0, Math.min(top, lanes.length - 3));
    board.redraw();
  };
  const zoom = (factor: number, around: number): void => {
    from = around - (around - from) * factor;
    to = around + (to - around) * factor;
    limit();
  };
  const msAt = ({ offsetX }: Pointer): number =>
    from + ((offsetX - LEFT) / (canvas.clientWidth - LEFT)) * (to - from);

  const turned = (event: Pointer): void => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, msAt(event));
  };
  canvas.addEventListener('wheel', turned, { passive: false });

  // Pixels that the mouse was dragged up or down, short of a whole line.
  let rest = 0;
  canvas.addEventListener('mousemove', (event) => {
    if (event.buttons > 0) {
      const shiftMs = (event.movementX / (canvas.clientWidth - LEFT)) * (to - from);
      rest -= event.movementY;
      top += Math.trunc(rest / LINE);
      rest %= LINE;
      from -= shiftMs;
      to -= shiftMs;
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
  search.placeholder = 'search tasks and calls';
  search.value = asked.get('find') ?? '';
  search.addEventListener('input', find);

  const button = (label: string, pressed: () => void): Element => {
    const made = make('button', '', label);
    made.addEventListener('click', pressed);
    return made;
  };
  const all = (): void => {
    [from, to] = [0, wholeMs];
    limit();
  };
  const scroll = (lines: number) => () => {
    top += lines;
    limit();
  };
  const middle = (): number => (from + to) / 2;
  const bar = make(
    'div',
    'bar',
    search,
    button('+', () => zoom(0.5, middle())),
    button('−', () => zoom(2, middle())),
    button('all', all),
    button('▲', scroll(-10)),
    button('▼', scroll(10)),
    found,
    ...kinds.map((name, i) => make('span', `kind kind${i}`, name)),
  );
  const left = run.segmentsLeftOut > 0 ? ` ${run.segmentsLeftOut} pieces are left out.` : '';
  section('Tasks', `A line a task. The wheel zooms, dragging moves.${left}`, bar, board, tip);
  find();
}
