// One of Node's test files in one process, judged as Node's own runner does: by its exit code, and whether it ends.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs, hasEnded, killGroup } from '../support/process-group.mjs';

const KEPT_OUTPUT = 20_000;
/** The options that a test asks for in its head: `// Flags: …`, `// Env: NAME=value …`. */
export function demandsOf(file) {
  const source = readFileSync(file, 'utf8');
  const words = (label) =>
    [...source.matchAll(new RegExp(`^// ${label}:(.*)$`, 'gm'))].flatMap(([, list]) =>
      list.trim().split(/\s+/),
    );
  const env = words('Env').map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]);
  return { flags: words('Flags'), env: Object.fromEntries(env) };
}

/**
 * @param slot - no two that run at the same time have the same: it names the test's temporary directory
 * @param extra - arguments before the test's own flags
 * @returns whether it passed, in which time, and if not how it ended and what it printed
 */
export function runFile({ node, checkout, file, slot, extra, timeoutMs }) {
  const path = join(checkout, 'test', file);
  const { flags, env } = demandsOf(path);
  const temporary = join(tmpdir(), `aevent-node-suite-${process.pid}-${slot}`);
  mkdirSync(temporary, { recursive: true });
  const startMs = Date.now();
  return new Promise((resolve) => {
    const child = spawn(node, [...flags, ...extra, path], {
      cwd: checkout,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        TEST_THREAD_ID: String(slot),
        TEST_PARALLEL: '1',
        NODE_TEST_DIR: temporary,
        ...env,
      },
    });
    endWithUs(child);
    let output = '';
    let how;
    const take = (text) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const timer = setTimeout(() => {
      how = `no end within ${timeoutMs / 1000} s`;
      killGroup(child);
    }, timeoutMs);
    child.once('error', (error) => {
      how = error.message;
    });
    child.once('exit', () => {
      // Children of the test's that outlive it would hold our pipes open.
      setTimeout(() => killGroup(child), 500).unref();
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      killGroup(child);
      hasEnded(child);
      rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
      how ??= signal ? `killed by ${signal}` : `exit code ${code}`;
      resolve({ passed: code === 0, how, output, durationMs: Date.now() - startMs });
    });
  });
}
