// Runs cases in child processes, many in each, and says which one a process died or hung in.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { watchdog } from '../support/watchdog.mjs';
import { UNJOINABLE } from './flags.mjs';

const child = join(import.meta.dirname, 'child.mjs');
const REGISTER = ['--import', 'aevent/register'];

/**
 * One process. Resolves to what it said of each case, and to the case that it ended in, if it did not end well.
 * @param setting - node, backend, flags, seed, passes, rounds, hungMs (without a word of it), variables (of the environment)
 */
function runOnce(names, { node, backend, flags, seed, passes, rounds, hungMs, variables = {} }) {
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = [...REGISTER, '--experimental-vm-modules', '--no-warnings', ...flags, child];
    const running = spawn(node, [...args, seed, passes, rounds, ...names].map(String), {
      cwd: import.meta.dirname, // where `aevent` is this package, wherever the torture was started
      env: { ...env, ...variables, AEVENT_BACKEND: backend },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = [];
    let current;
    let hung = false;
    let spared = false; // its end
    let stderr = '';
    const watch = watchdog(hungMs, () => {
      hung = true;
      running.kill('SIGKILL');
    });
    createInterface({ input: running.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      watch.refresh();
      const { begin, end, failure, done } = JSON.parse(line);
      if (done && flags.includes(UNJOINABLE)) {
        spared = true;
        running.kill('SIGKILL');
      }
      if (begin !== undefined) current = begin;
      if (end === undefined) return;
      ended.push({ name: end, failure });
      current = undefined;
    });
    running.stderr.setEncoding('utf8').on('data', (text) => {
      stderr = (stderr + text).slice(-3000);
    });
    running.on('close', (code, signal) => {
      watch.stop();
      const well = (code === 0 || spared) && current === undefined && ended.length === names.length * passes;
      const how = hung
        ? `hung: silent for ${hungMs / 1000} s`
        : `the process died (${signal ?? `exit code ${code}`})`;
      resolve({ ended, death: well ? undefined : { name: current, how, hung, stderr } });
    });
  });
}

// For a case that dies in company only: the shortest run of neighbours that ends with it and dies with it.
async function company(names, setting) {
  let least = 1;
  let most = names.length;
  while (least < most) {
    const middle = (least + most) >> 1;
    const { death } = await runOnce(names.slice(-middle), setting);
    if (death) most = middle;
    else least = middle + 1;
  }
  return names.slice(-most);
}

async function blame({ name, how, stderr }, before, setting) {
  const text = `${how}\n${stderr}`;
  if (name === undefined) return text;
  const alone = await runOnce([name], setting);
  if (alone.death) return text;
  const together = await company([...before, name], setting);
  return `${text}\nnot alone, but in this order: ${together.join(' | ')}`;
}

/**
 * Runs each case, `passes` times, and reports each by `report(name, failure)`. A failure is a text, or undefined.
 * Never throws for what a case does.
 */
export async function drive(names, setting, report) {
  let left = names;
  let mayHang = setting.flags.includes(UNJOINABLE); // once: a fault hangs again
  while (left.length > 0) {
    const { ended, death } = await runOnce(left, setting);
    const failures = new Map();
    for (const { name, failure } of ended) if (failure || !failures.has(name)) failures.set(name, failure);
    for (const [name, failure] of failures) report(name, failure);
    if (!death) return;
    if (death.hung && mayHang) {
      mayHang = false;
      left = left.filter((name) => !failures.has(name));
      continue;
    }
    const before = left.slice(0, left.indexOf(death.name));
    report(death.name ?? 'the process', await blame(death, before, setting));
    // On with those that have not had their turn.
    left = death.name === undefined ? [] : left.slice(left.indexOf(death.name) + 1);
  }
}
