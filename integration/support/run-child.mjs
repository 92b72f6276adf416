// One run of a program: how it ended and what it printed, with the three ways of running it.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

const TIMEOUT_MS = 120_000;
const SLOW_READER_PAUSE_MS = 2;

/** The ways, by what each preloads. In NODE_OPTIONS, so that children and Workers run the same way. */
export const WAYS = { plainly: undefined, register: 'register.js', auto: 'auto.js' };

/**
 * Runs `node args` to its end.
 * @param config - `bin`: which Node; `backend`
 * @param way - one of WAYS
 * @param slowly - reads its standard output chunk by chunk with pauses
 */
export function runChild(config, way, args, { cwd, env, slowly = false } = {}) {
  return new Promise((resolve, reject) => {
    const preload = WAYS[way] && `--import=${pathToFileURL(join(root, 'dist/loader', WAYS[way]))}`;
    const child = spawn(config.bin, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        PATH: `${dirname(config.bin)}:${process.env.PATH}`,
        NODE_OPTIONS: preload ?? '',
        AEVENT_BACKEND: config.backend,
        NO_COLOR: '1',
        ...env,
      },
    });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        printed[name] += text;
        if (!slowly) return;
        child[name].pause();
        setTimeout(() => child[name].resume(), SLOW_READER_PAUSE_MS);
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ended: signal ?? code, ...printed }));
  });
}

/** The first line in which two outputs differ. */
export function firstDifference(expected, actual) {
  const lines = expected.split('\n');
  const others = actual.split('\n');
  const at = lines.findIndex((line, i) => line !== others[i]);
  const i = at < 0 ? lines.length : at;
  return `line ${i + 1}: ${lines[i]?.slice(0, 300)}\n     is: ${others[i]?.slice(0, 300)}`;
}
