// Runs the processes of the contenders.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atLeast } from './criteria.mjs';
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

  /** The message that a contender sends before it ends. */
  async ask(file, options) {
    const { said, exited } = this.start(file, options);
    const answer = await said;
    await exited;
    return answer;
  }

  /** Starts a contender that is a server and says where it listens; `cpuUs()` is what it has used so far. */
  async serve(file, options) {
    const { child, said, exited } = this.start(file, options);
    const { url } = await said;
    return {
      url,
      async cpuUs() {
        const answer = once(child, 'message');
        child.send('cpu');
        return (await answer)[0].cpuUs;
      },
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
 * @returns of each the median and the best, and what one takes of the processor; the median of the pairs' ratios A : B, and the
 *   same of what one takes of the processor, B : A, on which other programs have less influence
 */
export async function compare(sides, { load: file = 'http-load.mjs', unit = 'req/s' } = {}) {
  const client = new Lab(process.execPath);
  const load = (url, seconds) => client.ask(file, { args: [url, CONNECTIONS, seconds] });
  const samples = [[], []];
  const costs = [[], []];
  const ratios = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const servers = await Promise.all(sides.map(({ start }) => start()));
    const sums = [0, 0];
    const cpuUs = [0, 0];
    const counts = [0, 0];
    try {
      for (const { url } of servers) await load(url, WARM_UP_SECONDS);
      for (let round = 0; round < ROUNDS; round++) {
        for (const which of [0, 1, 1, 0]) {
          const before = await servers[which].cpuUs();
          const { perSecond, count } = await load(servers[which].url, 1);
          cpuUs[which] += (await servers[which].cpuUs()) - before;
          counts[which] += count;
          samples[which].push(perSecond);
          sums[which] += perSecond;
        }
      }
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
    ratios.push(sums[0] / sums[1]);
    for (const which of [0, 1]) costs[which].push(cpuUs[which] / counts[which]);
  }
  const measured = sides.flatMap(({ what }, which) => {
    const [own, cost] = [samples[which], costs[which]];
    return [
      { what, value: median(own), best: Math.max(...own), unit },
      { what: `${what}, each`, value: median(cost), best: Math.min(...cost), unit: 'µs of CPU' },
    ];
  });
  const cpuRatio = median(costs[1].map((plain, pair) => plain / costs[0][pair]));
  return { measured, ratio: median(ratios), cpuRatio };
}

/** A server that does not know of aevent, under `aevent/auto` and plainly; `target` is what is left of its speed, in percent. */
export async function underAuto(lab, what, server, target) {
  const { measured, ratio, cpuRatio } = await compare([
    {
      what: `${what} under aevent/auto`,
      start: () => lab.serve(server, { flags: ['--import', 'aevent/auto'] }),
    },
    { what, start: () => lab.serve(server) },
  ]);
  return {
    measured: [
      ...measured,
      { what: `${what}: CPU of plain Node, of that under aevent/auto`, value: 100 * cpuRatio, unit: '%' },
    ],
    criteria: [
      atLeast(
        `${what} under \`aevent/auto\`, nothing suspends, against plain Node`,
        100 * ratio,
        target,
        '%',
      ),
    ],
  };
}
