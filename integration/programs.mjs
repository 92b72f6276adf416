// Runs programs and packages that know nothing of aevent, or that are written for it: see the folders
// agents, ecosystem, protocols and test-runners. node integration/programs.mjs [--all] [--node 22] [--backend fiber] [name …]
// `npm test` runs each item on one Node and backend, in rotation; --all (`npm run integration`) runs all on every one.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { agentItems } from './agents/items.mjs';
import { bundlerItems } from './bundlers/items.mjs';
import { ecosystemItems } from './ecosystem/items.mjs';
import { protocolItems } from './protocols/items.mjs';
import { ensureNode, NODE_MAJORS } from './support/node-versions.mjs';
import { testRunnerItems } from './test-runners/items.mjs';

const BACKENDS = ['fiber', 'thread'];
/** In the message of a program that crashed, or hung. */
const CRASHED = /\bSIG[A-Z]{3,}|\bhung\b|\bnot done within\b/;

/** The service an item needs, started at its first use; undefined if it is not installed. */
function startOnce(running, needs) {
  if (!running.has(needs)) running.set(needs, needs.start());
  return running.get(needs);
}

async function runItem(item, config, env, result) {
  const where = `${item.title} (Node ${config.version}, ${config.backend})`;
  if (Number.parseInt(config.version, 10) < item.leastNode) {
    result.skipped++;
    result.output += `skipped  ${where}: it does not run on Nodes before ${item.leastNode}\n`;
    return;
  }
  try {
    const seen = await item.check(config, env);
    result.passed++;
    result.output += `ok  ${where}: ${seen}\n`;
  } catch (error) {
    result.failed++;
    if (!CRASHED.test(error.message)) result.failures.push({ name: item.name, config });
    result.output += `FAILED  ${where}: ${error.message}\n`;
  }
}

/**
 * @param all - everything, on every Node and backend
 * @param alone - only the items that look at how long the loop is kept, or only the others; both by default
 * @param names - only these items
 * @param pairs - only these items, each on the Node and backend of its `config`
 * @returns counts, what was seen, and `failures`: such pairs, of those that have not crashed or hung
 */
export async function checkPrograms({
  all = false,
  alone,
  names = [],
  pairs,
  majors = NODE_MAJORS,
  backends = BACKENDS,
} = {}) {
  const items = [
    ...ecosystemItems(),
    ...protocolItems(),
    ...testRunnerItems(),
    ...bundlerItems(),
    ...agentItems(),
  ].filter((item) => {
    if (pairs) return pairs.some(({ name }) => name === item.name);
    if (alone !== undefined && alone !== Boolean(item.alone)) return false;
    return names.length > 0 ? names.includes(item.name) : all || !item.long;
  });
  if (items.length === 0) throw new TypeError(`There is nothing named ${names.join(', ')}.`);
  const nodes = await Promise.all(majors.map((major) => ensureNode(major)));
  const configs = nodes.flatMap((node) => backends.map((backend) => ({ ...node, backend })));
  const result = { passed: 0, failed: 0, skipped: 0, failures: [], output: '' };
  const running = new Map();
  try {
    for (const [i, item] of items.entries()) {
      const service = item.needs && (await startOnce(running, item.needs));
      if (item.needs && !service) {
        result.skipped++;
        result.output += `skipped  ${item.title}: the Debian package ${item.needs.debian} is not installed\n`;
        continue;
      }
      const env = item.needs ? { [item.needs.port]: String(service.port) } : {};
      const everywhere = all || names.length > 0;
      const where = pairs
        ? pairs.filter(({ name }) => name === item.name).map(({ config }) => config)
        : everywhere
          ? configs
          : [configs[i % configs.length]];
      for (const config of where) await runItem(item, config, env, result);
    }
  } finally {
    for (const service of running.values()) await (await service)?.stop();
  }
  return result;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      node: { type: 'string', multiple: true },
      backend: { type: 'string', multiple: true },
    },
  });
  const { passed, failed, skipped, output } = await checkPrograms({
    all: values.all,
    names: positionals,
    ...(values.node && { majors: values.node.map(Number) }),
    ...(values.backend && { backends: values.backend }),
  });
  console.log(`${output}${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}
