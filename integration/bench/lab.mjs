import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { median } from './interleave.mjs';

const HANG_MS = 120_000;
// Resolved when it is needed: run.mjs may have to install it first.
const autocannon = () => createRequire(import.meta.url).resolve('autocannon/autocannon.js');

/** Runs the contenders' processes with the Node that is measured. */
export class Lab {
  constructor(node) {
    this.node = node;
  }

  /** Starts a contender; `said` is the promise of the first message it sends, `exited` of its end. */
  start(file, { flags = [], env = {}, args = [] } = {}) {
    const child = spawn(this.node, [...flags, join(import.meta.dirname, 'contenders', file), ...args], {
      cwd: import.meta.dirname,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
    const exited = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        clearTimeout(hang);
        resolve({ code, signal });
      });
    });
    const said = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('message', resolve);
      exited.then(({ code, signal }) =>
        reject(new Error(`${file} ended with ${signal ?? `exit code ${code}`}\n${stderr.slice(-1500)}`)),
      );
    });
    return { child, said, exited };
  }

  /** What a contender sends before it ends. */
  async ask(file, options) {
    const { said, exited } = this.start(file, options);
    const answer = await said;
    await exited;
    return answer;
  }

  /** Starts a contender that is a server and says where it listens. */
  async serve(file, options) {
    const { child, said, exited } = this.start(file, options);
    const { url } = await said;
    return {
      url,
      close() {
        child.kill();
        return exited;
      },
    };
  }
}

/** Requests per second under the load of so many connections. */
export async function httpLoad(url, { connections, seconds }) {
  const flags = ['--connections', connections, '--duration', seconds, '--json', '--no-progress'];
  const child = spawn(process.execPath, [autocannon(), ...flags, url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let json = '';
  for await (const data of child.stdout) json += data;
  const { requests, errors, non2xx, timeouts } = JSON.parse(json);
  if (errors + non2xx + timeouts > 0) {
    throw new Error(`${url}: ${errors} errors, ${non2xx} bad statuses, ${timeouts} timeouts`);
  }
  return requests.average;
}

/**
 * Loads two servers in the order A B B A, again and again, so that what the machine does besides hits both alike.
 * @param options - `load` measures the work per second of a server, in `unit`
 * @returns of each the median and the best, and the median of the rounds' ratios A : B
 */
export async function compare([a, b], options) {
  const { connections, seconds, rounds, load = httpLoad, unit = 'req/s' } = options;
  for (const { url } of [a, b]) await load(url, { connections, seconds: 3 });
  const samples = new Map([
    [a, []],
    [b, []],
  ]);
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const sums = new Map([
      [a, 0],
      [b, 0],
    ]);
    for (const server of [a, b, b, a]) {
      const perSecond = await load(server.url, { connections, seconds });
      samples.get(server).push(perSecond);
      sums.set(server, sums.get(server) + perSecond);
    }
    ratios.push(sums.get(a) / sums.get(b));
  }
  const [ours, theirs] = [a, b].map((server) => samples.get(server));
  return {
    a: { value: median(ours), best: Math.max(...ours), unit },
    b: { value: median(theirs), best: Math.max(...theirs), unit },
    ratio: median(ratios),
  };
}
