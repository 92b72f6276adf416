// One run of vitest under one Node, judged by its JSON report, its exit code, and whether it goes on at all.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { endWithUs, hasEnded, killGroup } from './process-group.mjs';
import { root } from './setup.mjs';
import { watchdog } from './watchdog.mjs';

/** Part of the line that vitest-reporter.mjs prints for a crash. */
const KILLED = ' was killed by SIG';
const STALL_MS = 180_000; // a synchronous hang stops vitest's own timeouts too
/**
 * Runs a command in a process group of its own; resolves to how it ended and what it printed. Never rejects.
 * @param stallMs - it is killed if it prints nothing for so long
 * @param limitMs - it is killed after so long in any case
 */
export function runCommand(command, args, { env = process.env, stallMs = STALL_MS, limitMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithUs(child);
    let output = '';
    let how;
    const stalled = watchdog(stallMs, () => {
      how = `hung: nothing printed for ${stallMs / 1000} s`;
      killGroup(child);
    });
    const limit =
      limitMs &&
      setTimeout(() => {
        how = `not done within ${Math.round(limitMs / 1000)} s`;
        killGroup(child);
      }, limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        stalled.refresh();
      });
    }
    const finish = (code, signal) => {
      stalled.stop();
      clearTimeout(limit);
      hasEnded(child);
      how ??= signal ? `killed by ${signal}` : `exit code ${code}`;
      resolve({ ok: code === 0, how, output });
    };
    child.once('close', finish);
    child.once('error', (error) => {
      how = error.message; // it could not be started: 'close' does not follow
      finish(null, null);
    });
  });
}

function countReport(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file that could not be imported has failed without a test of its own.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failures = report.testResults.filter(({ status }) => status === 'failed');
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failedFiles: broken.length > 0 ? [] : failures.map(({ name }) => relative(root, name)),
  };
}

/**
 * @param name - names the report in .cache/test-reports
 * @param workers - how many test files run at once
 * @param limitMs - it is killed after so long
 * @returns counts, and the whole output for when something failed. A crash, a hang and a run of no test are failures.
 *   `failedFiles` has the files whose tests failed, if nothing but assertions did.
 */
export async function runVitest({ name, node, env, args = [], workers = 1, limitMs }) {
  const reportFile = join(root, '.cache/test-reports', `${name.replaceAll(/[^\w.]+/g, '-')}.json`);
  mkdirSync(dirname(reportFile), { recursive: true });
  rmSync(reportFile, { force: true });
  const ours = join(root, 'integration/support/vitest-reporter.mjs');
  const reporters = [
    `--reporter=${ours}`,
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ];
  const vitest = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    `--maxWorkers=${workers}`,
    ...reporters,
    ...args,
  ];
  // Node 20 reads the certificates at each start, which takes longer than the rest of it.
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const { ok, how, output } = await runCommand(node, vitest, {
    env: { ...inherited, NO_COLOR: '1', ...env },
    limitMs,
  });
  const none = { passed: 0, failed: 0, skipped: 0, failedFiles: [] };
  const counts = existsSync(reportFile) ? countReport(reportFile) : none;
  const notes = [];
  if (!ok && counts.failed === 0) notes.push(`vitest ended abnormally (${how})`);
  if (ok && counts.passed === 0) notes.push('no test ran');
  if (notes.length > 0 || output.includes(KILLED)) counts.failedFiles = [];
  return { ...counts, failed: counts.failed + notes.length, output: [output, ...notes].join('\n') };
}
