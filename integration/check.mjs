// `npm run check`: what a change wants every few minutes, in under a minute. Builds what is out of date, checks types, lint and
// rooms, and runs the tests that start no process of their own, on the Node that runs. `npm test` has the rest.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildNativeCores, buildTypeScript, installDependencies, root } from './support/setup.mjs';
import { runCommand, runVitest } from './support/vitest-run.mjs';

// By what a test file, or a helper beside it, imports.
const STARTS_PROCESSES =
  /child_process|from '[^']*(?:child|fixture|report|cdp|tasks|run-program|drive|run|callbacks)\.m?js'/;

function quickTests() {
  return readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('.test.ts'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !STARTS_PROCESSES.test(readFileSync(file, 'utf8')))
    .map((file) => relative(root, file));
}

installDependencies();
buildTypeScript();
await buildNativeCores();
const lint = runCommand('npm', ['run', '--silent', 'lint']);
const tests = await runVitest({ name: 'check', node: process.execPath, args: quickTests(), workers: 2 });
const { ok, output } = await lint;
if (!ok) console.log(output);
if (tests.failed > 0) console.log(tests.output);
console.log(`${ok ? 'lint passed' : 'lint FAILED'}; ${tests.passed} passed, ${tests.failed} failed`);
process.exitCode = ok && tests.failed === 0 ? 0 : 1;
