// Runs the processes of the contenders.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { median } from './interleave.mjs';

const HANG_MS = 120_000;

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

const CONNECTIONS = 100;
const PAIRS = 5;
const ROUNDS = 2;
const WARM_UP_SECONDS = 2;

/**
 * Loads two servers in the order A B B A, again and again, so that what the machine does besides hits both alike. Each
 * pair of processes is a new one: two of the same program may differ by a tenth, as V8 happens to compile them.
 * @param sides - of each, what it is and what starts it
 * @param options - `load` is the program that loads them, on this Node; `unit` what it counts
 * @returns of each the median and the best, and the median of the pairs' ratios A : B
 */
export async function compare(sides, { load: file = 'http-load.mjs', unit = 'req/s' } = {}) {
  const client = new Lab(process.execPath);
  const load = async (url, seconds) =>
    (await client.ask(file, { args: [url, CONNECTIONS, seconds] })).perSecond;
  const samples = [[], []];
  const ratios = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const servers = await Promise.all(sides.map(({ start }) => start()));
    const sums = [0, 0];
    try {
      for (const { url } of servers) await load(url, WARM_UP_SECONDS);
      for (let round = 0; round < ROUNDS; round++) {
        for (const which of [0, 1, 1, 0]) {
          const perSecond = await load(servers[which].url, 1);
          samples[which].push(perSecond);
          sums[which] += perSecond;
        }
      }
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
    ratios.push(sums[0] / sums[1]);
  }
  const measured = sides.map(({ what }, which) => {
    const own = samples[which];
    return { what, value: median(own), best: Math.max(...own), unit };
  });
  return { measured, ratio: median(ratios) };
}
