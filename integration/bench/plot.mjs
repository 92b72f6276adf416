// Draws small plots beside each other, with logarithmic axes, as one SVG that can be read on a light and a dark page.

const PANEL = { width: 300, height: 210, left: 52, right: 12, top: 30, bottom: 34 };
const COLUMNS = 3;
const LEGEND = 34;
const STYLES = [
  { color: '#2f6fed', mark: (x, y) => `<circle cx="${x}" cy="${y}" r="3.5"/>` },
  { color: '#d9730d', mark: (x, y) => `<rect x="${x - 3}" y="${y - 3}" width="6" height="6"/>` },
  { color: '#0f9d76', mark: (x, y) => `<path d="M${x} ${y - 4}l4 7h-8z"/>` },
  { color: '#8b8f98', mark: (x, y) => `<path d="M${x} ${y - 4}l4 4l-4 4l-4-4z"/>` },
];

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const at = (number) => Number(number.toFixed(1));

/** Powers of ten from the one below `least` to the one above `most`. */
function decades(least, most) {
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(most) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

const label = (value) => (value >= 1000 ? `${value / 1000}k` : `${value}`);

function scale(values, from, to) {
  const [low, high] = [Math.log10(values[0]), Math.log10(values.at(-1))];
  return (value) => at(from + ((Math.log10(value) - low) / (high - low)) * (to - from));
}

function panel({ title, unit, lines }, counts, [left, top]) {
  const points = lines.flat().map(([, y]) => y);
  const ticks = decades(Math.min(...points), Math.max(...points));
  const right = left + PANEL.width - PANEL.right;
  const bottom = top + PANEL.height - PANEL.bottom;
  const begin = left + PANEL.left;
  const x = scale(counts, begin, right);
  const y = scale(ticks, bottom, top + PANEL.top);
  const text = (at, words, kind) =>
    `<text x="${at[0]}" y="${at[1]}" class="${kind}">${escaped(words)}</text>`;
  const drawn = [text([begin, top + 18], `${title}, ${unit}`, 'title')];
  for (const tick of ticks) {
    drawn.push(`<path class="grid" d="M${begin} ${y(tick)}H${right}"/>`);
    drawn.push(text([begin - 6, y(tick) + 4], label(Number(tick.toPrecision(1))), 'y'));
  }
  for (const count of counts) drawn.push(text([x(count), bottom + 18], label(count), 'x'));
  for (const [which, line] of lines.entries()) {
    if (line.length === 0) continue;
    const { color, mark } = STYLES[which];
    const path = line.map(([count, value]) => `${x(count)} ${y(value)}`).join('L');
    const marks = line.map(([count, value]) => mark(x(count), y(value))).join('');
    drawn.push(
      `<path d="M${path}" fill="none" stroke="${color}" stroke-width="2"/><g fill="${color}">${marks}</g>`,
    );
  }
  return drawn.join('\n');
}

/**
 * @param title - for those who do not see it
 * @param names - of the series, at most four
 * @param counts - along each x axis
 * @param panels - of each its title, its unit, and a line of [count, value] for each series
 */
export function plot(title, names, counts, panels) {
  const width = COLUMNS * PANEL.width;
  const height = LEGEND + Math.ceil(panels.length / COLUMNS) * PANEL.height;
  const legend = names.map((name, i) => {
    const left = PANEL.left + i * 190;
    const { color, mark } = STYLES[i];
    return `<g fill="${color}">${mark(left, 18)}</g><text x="${left + 10}" y="22" class="legend">${escaped(name)}</text>`;
  });
  const drawn = panels.map((one, i) =>
    panel(one, counts, [(i % COLUMNS) * PANEL.width, LEGEND + Math.floor(i / COLUMNS) * PANEL.height]),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11">
<title>${escaped(title)}</title>
<style>
text { fill: #454950 } .title, .legend { font-size: 12.5px; font-weight: 600; fill: #1f2328 }
.x { text-anchor: middle } .y { text-anchor: end } .grid { stroke: #d7dae0; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
text { fill: #a9b0ba } .title, .legend { fill: #e6e9ee } .grid { stroke: #3a3f47 }
}
</style>
${[...legend, ...drawn].join('\n')}
</svg>
`;
}
