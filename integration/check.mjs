// `npm run check`: what a change wants every few minutes, in under a minute. Builds what is out of date, checks types, lint and
// rooms, and runs the tests that start no process of their own, on the Node that runs. `npm test` has the rest.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildNativeCores, buildTypeScript, installDependencies, root } from './support/setup.mjs';
import { runCommand, runVitest } from './support/vitest-run.mjs';

/**
 * The test files that start no process: folders, and files without `.test.ts`. A file that is not listed runs in `npm test`
 * only; to list one that starts processes makes this slow, and nothing worse.
 */
const QUICK = [
  'test/documents/links',
  'test/monkey/contract',
  ...['crypto', 'dns', 'events', 'http2', 'net', 'tls', 'zlib'].map((name) => `test/monkey/builtins/${name}`),
  ...['classes', 'sync-methods'].map((name) => `test/monkey/builtins/stream/${name}`),
  'test/runtime/cancellation/',
  ...['array-join', 'callback-scopes', 'json-stringify', 'vm-realms'].map(
    (name) => `test/runtime/hazards/${name}`,
  ),
  'test/runtime/io/',
  ...['arguments', 'hostile-values', 'lowlevel'].map((name) => `test/runtime/modules/${name}`),
  'test/runtime/modules/queue/',
  'test/runtime/modules/testing/',
  ...['barrier', 'condition', 'interleavings', 'lock', 'owner', 'producers-consumers', 'thread'].map(
    (name) => `test/runtime/modules/threading/${name}`,
  ),
  'test/runtime/native/addon-scopes',
  ...['cheap-calls', 'mode-nesting', 'native-and-patched', 'patch'].map(
    (name) => `test/runtime/patching/${name}`,
  ),
  ...['scope-run', 'stack-overflow', 'suspension-below-builtins', 'suspension'].map(
    (name) => `test/runtime/suspension/${name}`,
  ),
  ...['bridge', 'runner', 'task-group', 'task-handle'].map((name) => `test/runtime/tasks/${name}`),
  ...['python-aevent', 'trio-examples'].map((name) => `test/whole/${name}`),
];

/** The files behind {@link QUICK}. @throws for an entry that names none */
function quickTests() {
  return QUICK.flatMap((entry) => {
    const files = entry.endsWith('/')
      ? readdirSync(join(root, entry)).filter((name) => name.endsWith('.test.ts'))
      : [`${basename(entry)}.test.ts`];
    const paths = files.map((name) => join(entry.endsWith('/') ? entry : dirname(entry), name));
    const missing = paths.find((path) => !existsSync(join(root, path)));
    if (paths.length === 0 || missing !== undefined) throw new Error(`check: ${entry} names no test`);
    return paths;
  });
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
