// The results, by Node: kept in results.json, and drawn into integration/README.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from './criteria.mjs';

const file = join(import.meta.dirname, 'results.json');
const readme = join(import.meta.dirname, '../README.md');
const BEGIN = '<!-- drawn by npm run bench -->';
const END = '<!-- end of what npm run bench draws -->';

/**
 * Adds what was measured with one Node to the results of others on the same machine.
 * @param options - `isWhole`: all benchmarks were run, so results of another machine are dropped; `evenNoisy`: what cannot be judged
 *   is kept, too
 * @returns false if they are another machine's, and stay as they are
 */
export function keep({ machine, node, benchmarks }, { isWhole, evenNoisy }) {
  let results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { machine, nodes: {} };
  if (results.machine !== machine) {
    if (!isWhole) return false;
    results = { machine, nodes: {} };
  }
  const major = node.slice(1).split('.')[0];
  const before = results.nodes[major]?.benchmarks ?? {};
  const criteria = Object.entries(benchmarks)
    .filter(([, { noise }]) => evenNoisy || !noise)
    .map(([name, { criteria, noise }]) => [
      name,
      criteria.map(({ what, target, value, unit, met }) => ({ what, target, value, unit, met, noise })),
    ]);
  if (criteria.length === 0) return true;
  results.nodes[major] = {
    version: node,
    benchmarks: { ...(isWhole ? {} : before), ...Object.fromEntries(criteria) },
  };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return true;
}

/** How a criterion was met. */
export const verdict = ({ met, noise }) => (noise ? 'too noisy to judge' : met ? 'met' : 'missed');

/** Draws the table of results.json into the README, between its markers. */
export function draw() {
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${readme} has no markers to draw between`);
  writeFileSync(readme, `${text.slice(0, begin + BEGIN.length)}\n\n${table()}\n\n${text.slice(end)}`);
}

function table() {
  if (!existsSync(file)) return 'Nothing was measured yet on a quiet machine.';
  const { machine, nodes } = JSON.parse(readFileSync(file, 'utf8'));
  const majors = Object.keys(nodes);
  const rows = new Map();
  for (const major of majors) {
    for (const criterion of Object.values(nodes[major].benchmarks).flat()) {
      const key = `${criterion.what} | ${criterion.target}`;
      rows.set(key, { ...rows.get(key), [major]: criterion });
    }
  }
  const cell = (found) => {
    if (found === undefined) return '–';
    const value = format(found.value, found.unit);
    return verdict(found) === 'missed' ? `**${value}**` : value;
  };
  const lines = [...rows].map(([key, found]) => [
    key,
    ...majors.map((major) => cell(found[major])),
    summary(majors, found),
  ]);
  const head = ['| target', ...majors.map((major) => `Node ${nodes[major].version.slice(1)}`), ''];
  return [
    `On ${machine}.`,
    '',
    ...[head, head.flatMap((_, i) => (i === 0 ? ['---', '---'] : ['---'])), ...lines].map((cells) =>
      `| ${cells.join(' | ')} |`.replaceAll(/ +/g, ' '),
    ),
  ].join('\n');
}

/** One word if it is the same on each Node. */
function summary(majors, found) {
  const verdicts = majors.filter((major) => found[major]).map((major) => [major, verdict(found[major])]);
  const [[, first]] = verdicts;
  if (verdicts.every(([, one]) => one === first)) return first;
  return ['missed', 'too noisy to judge']
    .map((one) => [one, verdicts.filter(([, other]) => other === one).map(([major]) => major)])
    .filter(([, where]) => where.length > 0)
    .map(([one, where]) => `${one} on ${where.join(', ')}`)
    .join('; ');
}
