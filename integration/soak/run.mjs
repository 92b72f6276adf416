// npm run soak -- [--seconds 60] [--node 22]… [--backend fiber]…: a mixed load, then an inventory of what is left.
// The time is divided among the configurations. The last line is "N passed, N failed".
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureNode, NODE_MAJORS } from '../node-versions.mjs';
import { runCommand } from '../vitest-run.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const register = pathToFileURL(resolve(here, '../../dist/loader/register.js')).href;
const BACKENDS = ['fiber', 'thread'];
const LEAST_SECONDS = 3;

/** Every Node with both backends. */
export const allConfigurations = NODE_MAJORS.flatMap((major) =>
  BACKENDS.map((backend) => ({ major, backend })),
);
/** One after the other: each Node, and each backend twice. */
export const fewConfigurations = NODE_MAJORS.map((major, index) => ({ major, backend: BACKENDS[index % 2] }));

/** One soak. Gives a line about it, and whether all was well. */
export async function soak({ major, backend, seconds }) {
  const { bin, version } = await ensureNode(major);
  const args = ['--expose-gc', '--import', register, join(here, 'program.mjs'), String(seconds)];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { ok, how, output } = await runCommand(bin, args, { env: { ...env, AEVENT_BACKEND: backend } });
  const report = /^\{.*\}$/m.exec(output)?.[0];
  const name = `soak Node ${version} ${backend}`;
  if (report === undefined) return { ok: false, name, line: `${how}\n${output}` };
  const { operations, counts, rss, failures, wrong } = JSON.parse(report);
  const kinds = Object.entries(counts).map(([kind, { ended }]) => `${ended} ${kind}`);
  const line = `${operations} operations (${kinds.join(', ')}), RSS ${rss.join(', ')} MB`;
  const clean = ok && output.trim() === report;
  return {
    ok: clean,
    name,
    line: clean ? line : `${line}\n${failures} failures\n${wrong.join('\n')}\n${output}`,
  };
}

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      node: { type: 'string', multiple: true },
      backend: { type: 'string', multiple: true },
      all: { type: 'boolean', default: false },
    },
  });
  const total = Number(values.seconds);
  if (!(total > 0)) throw new TypeError(`--seconds takes a positive number, not ${values.seconds}.`);
  for (const name of values.backend ?? []) {
    if (!BACKENDS.includes(name))
      throw new TypeError(`--backend takes ${BACKENDS.join(' or ')}, not ${name}.`);
  }
  for (const major of values.node ?? []) {
    if (!NODE_MAJORS.includes(Number(major)))
      throw new TypeError(`--node takes ${NODE_MAJORS}, not ${major}.`);
  }
  const chosen =
    values.node || values.backend || values.all
      ? allConfigurations.filter(
          ({ major, backend }) =>
            (values.node?.map(Number) ?? NODE_MAJORS).includes(major) &&
            (values.backend ?? BACKENDS).includes(backend),
        )
      : fewConfigurations;
  let failed = 0;
  for (const configuration of chosen) {
    const seconds = Math.max(LEAST_SECONDS, total / chosen.length);
    const { ok, name, line } = await soak({ ...configuration, seconds });
    if (!ok) failed++;
    console.log(`${ok ? 'ok' : 'FAILED'}  ${name}: ${line}`);
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
}
