// `npm run torture`: everything that a production server may meet, for as long as one likes.
//   npm run torture -- [part …] [--case NAME …] [--node 22 …] [--backend fiber …] [--flags "--jitless"] [--minutes N]
import { parseArgs } from 'node:util';
import { soaking } from '../soak/run.mjs';
import { ensureNode, NODE_MAJORS } from '../support/node-versions.mjs';
import { buildNativeCores, buildTypeScript, installDependencies } from '../support/setup.mjs';
import { formatTable } from '../support/table.mjs';
import { callbacks, casesOf, sliced, slicedStress, stress } from './callbacks.mjs';
import { collections } from './collections.mjs';
import { ends, workers } from './ends.mjs';
import { many } from './many.mjs';

/**
 * What is run, in this order. A part has a name, says what it does, and `run({ node, backend, names, flags, untilMs })`
 * resolves to { cases, failures: [{ name, failure }], detail? }; `node` is an executable, `names` are cases of the
 * table of callbacks.
 */
const PARTS = [callbacks, sliced, stress, slicedStress, collections, ends, workers, many, soaking];

const BACKENDS = ['fiber', 'thread'];
const USAGE = `usage: npm run torture -- [part …] [options]
  part             ${PARTS.map(({ name }) => name).join(', ')}; default: all
  --case NAME      a case of the table of callbacks (may be given again)
  --node MAJOR     ${NODE_MAJORS.join(', ')} (may be given again); default: all
  --backend NAME   ${BACKENDS.join(', ')} (may be given again); default: both
  --flags "…"      further flags for Node
  --minutes N      go on for so long, spread over the parts, versions and backends; default: each once`;

function usageError(message) {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}

function parse() {
  const many = { type: 'string', multiple: true };
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        case: many,
        node: many,
        backend: many,
        flags: { type: 'string', default: '' },
        minutes: { type: 'string', default: '0' },
      },
    });
  } catch (error) {
    return usageError(error.message);
  }
}

/** Each of `given` must be one of `valid`; nothing given means all. */
function chosen(what, given, valid) {
  const wrong = given?.find((name) => !valid.includes(name));
  if (wrong !== undefined) usageError(`unknown ${what} '${wrong}'. Valid are: ${valid.join(', ')}`);
  return given?.length ? given : valid;
}

async function nodeOf(major) {
  try {
    const found = await ensureNode(Number(major));
    if (found) return found;
  } catch (error) {
    usageError(`Node ${major} could not be installed: ${error.message}`);
  }
  return usageError(`there is no binary of Node ${major} for this platform`);
}

const { values, positionals } = parse();
const partNames = chosen(
  'part',
  positionals,
  PARTS.map(({ name }) => name),
);
const majors = chosen('node', values.node, NODE_MAJORS.map(String));
const backends = chosen('backend', values.backend, BACKENDS);
const minutes = Number(values.minutes);
if (!(minutes >= 0)) usageError(`--minutes takes a number, not '${values.minutes}'`);
const flags = values.flags.split(/\s+/).filter(Boolean);

installDependencies();
const nodes = [];
for (const major of majors) nodes.push({ major, ...(await nodeOf(major)) });
const tables = new Map();
for (const { bin } of nodes) tables.set(bin, await casesOf(bin));
const known = [...new Set([...tables.values()].flat())];
if (values.case) chosen('case', values.case, known);
buildTypeScript();
await buildNativeCores(majors.map(Number));

const parts = PARTS.filter(({ name }) => partNames.includes(name));
const shareMs = (minutes * 60_000) / (parts.length * nodes.length * backends.length);
const rows = [];
let failed = 0;
for (const { name, what, run } of parts) {
  for (const { major, bin } of nodes) {
    const names = tables.get(bin).filter((each) => !values.case || values.case.includes(each));
    for (const backend of backends) {
      process.stderr.write(`${name}, Node ${major}, ${backend} … `);
      const startMs = Date.now();
      const result = await run({ node: bin, backend, names, flags, untilMs: startMs + shareMs });
      const seconds = Math.round((Date.now() - startMs) / 1000);
      failed += result.failures.length;
      process.stderr.write(`${result.failures.length} failed (${seconds} s)\n`);
      for (const { name: subject, failure } of result.failures) console.error(`\n${subject}\n${failure}`);
      const cases = [result.cases, result.detail].filter((part) => part !== undefined).join(', ');
      rows.push([
        what,
        cases,
        `Node ${major}`,
        backend,
        result.failures.length ? `${result.failures.length} failed` : 'passed',
      ]);
    }
  }
}
console.log(`\n${formatTable(['tried', 'cases', 'version', 'backend', 'result'], rows)}`);
process.exitCode = failed > 0 ? 1 : 0;
