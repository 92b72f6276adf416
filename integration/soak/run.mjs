// npm run soak: a mixed load that is cancelled now and then, and an inventory of what is left. The time is divided
// among the configurations, which run one after the other. The last line is "N passed, N failed".
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureNode, NODE_MAJORS } from '../support/node-versions.mjs';
import { runCommand } from '../support/vitest-run.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const register = pathToFileURL(resolve(here, '../../dist/loader/register.js')).href;
const BACKENDS = ['fiber', 'thread'];
const LEAST_SECONDS = 3;
const CI_SECONDS = 60;
/** A process that goes on for so long after its time was up hangs. */
const GRACE_MS = 60_000;

/** V8's young generation has its size at once: it would grow for minutes, and hide what else does. */
const FLAGS = ['--expose-gc', '--max-semi-space-size=4'];

const USAGE = `usage: npm run soak -- [options]
  --seconds N      for how long, all together; default: ${CI_SECONDS}
  --node MAJOR     ${NODE_MAJORS.join(', ')} (may be given again)
  --backend NAME   ${BACKENDS.join(', ')} (may be given again)
  --all            every Node with both backends; default: each Node, with the backends in turns`;

const everyConfiguration = NODE_MAJORS.flatMap((major) => BACKENDS.map((backend) => ({ major, backend })));
const fewConfigurations = NODE_MAJORS.map((major, index) => ({ major, backend: BACKENDS[index % 2] }));

/**
 * One soak.
 * @param node - an executable
 * @returns whether all was well, the number of operations, and what to print
 */
async function soak({ node, backend, seconds }) {
  const args = [...FLAGS, '--import', register, join(here, 'program.mjs'), String(seconds)];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { ok, how, output } = await runCommand(node, args, {
    env: { ...env, AEVENT_BACKEND: backend },
    stallMs: seconds * 1000 + GRACE_MS,
  });
  const report = /^\{.*\}$/m.exec(output)?.[0];
  if (report === undefined) return { ok: false, operations: 0, text: `${how}\n${output}` };
  const { operations, counts, rss, failures, wrong } = JSON.parse(report);
  const kinds = Object.entries(counts).map(([kind, { done }]) => `${done} ${kind}`);
  const cancelled = Object.values(counts).reduce((sum, count) => sum + count.cancelled, 0);
  const text = `${operations} operations (${kinds.join(', ')}; ${cancelled} cancelled), RSS ${rss.join(', ')} MB`;
  if (ok && output.trim() === report) return { ok, operations, text };
  return {
    ok: false,
    operations,
    text: `${text}\n${how}, ${failures} failures\n${wrong.join('\n')}\n${output}`,
  };
}

/** Soaks each of `configurations` for its share of `seconds`; `report(name, result)` hears of each. */
async function soakAll(configurations, seconds, report) {
  const endMs = performance.now() + seconds * 1000;
  // Where there is not time enough for all of them, there is for the first ones.
  const queue = configurations.slice(0, Math.max(1, Math.floor(seconds / LEAST_SECONDS)));
  for (let left = queue.length; left > 0; left--) {
    const { major, backend } = queue[queue.length - left];
    const { bin, version } = await ensureNode(major);
    const share = Math.max(1, (endMs - performance.now()) / left / 1000);
    report(`soak Node ${version} ${backend}`, await soak({ node: bin, backend, seconds: share }));
  }
}

/** The configurations that CI runs: each Node once. */
export async function checkSoak() {
  const result = { passed: 0, failed: 0, output: '' };
  await soakAll(fewConfigurations, CI_SECONDS, (name, { ok, text }) => {
    result[ok ? 'passed' : 'failed']++;
    result.output += `${name}: ${text}\n`;
  });
  return result;
}

/** As a part of `npm run torture`. */
export const soaking = {
  name: 'soak',
  what: 'a mixed load of 200 to 2,000 tasks, cancelled now and then; nothing is left',
  async run({ node, backend, untilMs }) {
    const seconds = Math.max(CI_SECONDS / NODE_MAJORS.length, (untilMs - Date.now()) / 1000);
    const { ok, operations, text } = await soak({ node, backend, seconds });
    return { cases: operations, failures: ok ? [] : [{ name: 'soak', failure: text }] };
  },
};

function usageError(message) {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}

function parse() {
  const many = { type: 'string', multiple: true };
  const seconds = { type: 'string', default: String(CI_SECONDS) };
  const all = { type: 'boolean', default: false };
  try {
    return parseArgs({ options: { seconds, node: many, backend: many, all } }).values;
  } catch (error) {
    return usageError(error.message);
  }
}

function oneOf(what, given, valid) {
  const wrong = given?.find((name) => !valid.includes(name));
  if (wrong !== undefined) usageError(`unknown ${what} '${wrong}'. Valid are: ${valid.join(', ')}`);
  return given ?? valid;
}

async function main() {
  const values = parse();
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && Number.isFinite(seconds))) {
    usageError(`--seconds takes a positive number, not '${values.seconds}'`);
  }
  const majors = oneOf('Node', values.node, NODE_MAJORS.map(String));
  const backends = oneOf('backend', values.backend, BACKENDS);
  const configurations = values.node || values.backend || values.all ? everyConfiguration : fewConfigurations;
  const chosen = configurations.filter(
    ({ major, backend }) => majors.includes(String(major)) && backends.includes(backend),
  );
  let [passed, failed] = [0, 0];
  await soakAll(chosen, seconds, (name, { ok, text }) => {
    if (ok) passed++;
    else failed++;
    console.log(`${ok ? 'ok' : 'FAILED'}  ${name}: ${text}`);
  });
  const leftOut = chosen.length - passed - failed;
  if (leftOut > 0) console.log(`${leftOut} configurations left out: there was no time for them`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
