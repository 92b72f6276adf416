// Agents that hook modules: what they see of a server whose handlers block is the same under aevent/auto, whether they
// are preloaded before it or after it. Run by ../programs.mjs
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install } from '../support/install.mjs';
import { firstDifference, runChild } from '../support/run-child.mjs';
import { root } from '../support/setup.mjs';

const AGENTS = {
  opentelemetry: {},
  sentry: {},
  elastic: {},
  datadog: {
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    DD_TRACE_STARTUP_LOGS: 'false',
  },
};
const PROGRAMS = ['server.mjs', 'server.cjs'];
const auto = pathToFileURL(join(root, 'dist/loader/auto.js')).href;

async function check(agent, config, env) {
  const run = async (program, ...preloads) => {
    const flags = preloads.flatMap((preload) => ['--import', preload]);
    const { ended, stdout, stderr } = await runChild(config, 'plainly', [...flags, program], {
      cwd: import.meta.dirname,
      env: { ...AGENTS[agent], ...env },
    });
    if (ended !== 0)
      throw new Error(`${program} (${preloads.join(', ')}) ended with ${ended}\n${stdout}${stderr}`);
    return stdout;
  };
  const preload = `./${agent}.mjs`;
  let lines = 0;
  for (const program of PROGRAMS) {
    const plain = await run(program, preload);
    if (!plain.includes('handler')) throw new Error(`${program}: no spans without aevent\n${plain}`);
    lines += plain.split('\n').length;
    const orders = [
      [preload, auto],
      [auto, preload],
    ];
    // At once, for they mostly wait.
    const traces = await Promise.all(orders.map((preloads) => run(program, ...preloads)));
    for (const [at, seen] of traces.entries()) {
      if (seen !== plain)
        throw new Error(`${program} (${orders[at].join(', ')}), ${firstDifference(plain, seen)}`);
    }
  }
  return `${lines} lines of traces, the same before aevent and after it`;
}

/** Installs the agents. @returns what there is to check */
export function agentItems() {
  install(import.meta.dirname);
  return Object.keys(AGENTS).map((name) => ({
    name,
    title: `${name}: its traces`,
    check: (config, env) => check(name, config, env),
  }));
}
