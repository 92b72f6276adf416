import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { node } from '../child.js';
import { instancesIn } from './heap.js';

const dir = mkdtempSync(join(tmpdir(), 'aevent-tools-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const root = join(import.meta.dirname, '../../..');
const register = join(root, 'dist/loader/register.js');
const [major = 0] = process.versions.node.split('.').map(Number);

const isolations: string[][] = [
  ['--test-timeout=30000'],
  ...(major >= 24 ? [['--test-isolation=none']] : []),
];

it.each(isolations)('node --test runs tests that use tasks %j', async (...flags) => {
  const file = join(import.meta.dirname, 'fixtures/test-runner.mjs');
  // A test runner inside of a test runner takes itself for a child of it.
  const env = { NODE_TEST_CONTEXT: undefined };
  const args = ['--import', register, '--test', '--test-reporter=tap', ...flags, file];
  const { stdout, code } = await node(args, env as unknown as NodeJS.ProcessEnv);
  expect(stdout).toMatch(/^# pass 9$/m);
  expect(stdout).toMatch(/^# fail 1$/m);
  expect(stdout).toContain('# three');
  // The one that fails on purpose.
  expect(stdout).toMatch(/not ok \d+ - a test that fails shows the call chain/);
  expect(stdout).toMatch(/thrower.*comparator.*outermost/s);
  expect(code).toBe(1);
});

it('node --watch starts the program again, tasks or not', async () => {
  const file = join(dir, 'watched.mjs');
  const aevent = JSON.stringify(join(root, 'dist/loader/index.js'));
  const write = (n: number): void =>
    writeFileSync(
      file,
      `import { execSync } from 'node:child_process'; import aevent from ${aevent};
       setInterval(() => {}, 1000); aevent.call(() => aevent.await_(new Promise(() => {})));
       console.log(await aevent.call(() => 'run ' + execSync('echo ${n}')));`,
    );
  write(1);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--watch', '--import', register, file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.resume();
  try {
    while (!output.includes('run 1')) await once(child.stdout, 'data');
    write(2);
    while (!output.includes('run 2')) await once(child.stdout, 'data');
  } finally {
    child.kill();
    await once(child, 'close');
  }
});

it('v8.writeHeapSnapshot() has what parked tasks hold, also when a task calls it', async () => {
  const source = `import aevent from 'aevent'; import v8 from 'node:v8';
    class Held {}
    const hold = () => { const held = new Held(); aevent.await_(gate); return held; };
    let open; const gate = new Promise((resolve) => { open = resolve; });
    const tasks = Array.from({ length: 20 }, () => aevent.call(hold));
    await new Promise(setImmediate);
    v8.writeHeapSnapshot('main.heapsnapshot');
    await aevent.call(() => v8.writeHeapSnapshot('task.heapsnapshot'));
    open();
    console.log((await Promise.all(tasks)).filter((held) => held instanceof Held).length);`;
  const script = join(dir, 'snapshot.mjs');
  writeFileSync(script, source.replace("'aevent'", JSON.stringify(join(root, 'dist/runtime/index.js'))));
  const started = `process.chdir(${JSON.stringify(dir)}); await import(${JSON.stringify(script)})`;
  const { stdout, stderr, code } = await node(['--input-type=module', '-e', started]);
  expect({ stdout, stderr, code }).toEqual({ stdout: '20\n', stderr: '', code: 0 });
  expect(readdirSync(dir).filter((name) => name.endsWith('.heapsnapshot'))).toHaveLength(2);
  for (const name of ['main', 'task']) {
    expect(instancesIn(readFileSync(join(dir, `${name}.heapsnapshot`), 'utf8'), 'Held')).toBe(20);
  }
});
