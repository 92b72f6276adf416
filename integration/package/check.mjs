// The tarball as users get it: packed, installed into an empty project without install scripts, and run on every
// supported Node, and its types with every supported compiler. node integration/package/check.mjs [--all]
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureNode, NODE_MAJORS } from '../support/node-versions.mjs';
import { root } from '../support/setup.mjs';
import { checkEntries, checkTypes } from '../types/check.mjs';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

// A user's shell: nothing of this checkout's npm, no compiler to fall back on is needed.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|AEVENT_)/i.test(name)),
);

async function pack(dir) {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], { cwd: root, env });
  return JSON.parse(stdout)[0];
}

async function install(dir, tarball) {
  writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', [...args, tarball], { cwd: dir, env });
}

function firstExample() {
  const code = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  if (!code) throw new Error('README.md has no ```js example');
  return code;
}

// Ten half-second commands in tasks: at once, not one after the other, and on a real backend.
const CONCURRENCY = `
import { execSync } from 'node:child_process';
import aevent from 'aevent';
let running = 0, atOnce = 0;
await aevent.run(async () => {
  const tasks = Array.from({ length: 10 }, () => aevent.call(() => {
    atOnce = Math.max(atOnce, ++running);
    execSync('sleep 0.5');
    running--;
  }));
  await Promise.all(tasks);
});
const { backend, reason } = aevent.info();
if (backend !== 'fiber' && backend !== 'thread') throw new Error(reason);
console.log(atOnce);
`;

/** Packs, and installs that into an empty project with two programs. @returns the tarball's name and files */
export async function installTarball(dir) {
  const packed = await pack(dir);
  await install(dir, join(dir, packed.filename));
  writeFileSync(join(dir, 'example.mjs'), firstExample());
  writeFileSync(join(dir, 'concurrency.mjs'), CONCURRENCY);
  return packed;
}

/** Runs README's first example, and ten commands at once, on a Node. */
export async function runPrograms(bin, dir) {
  const register = ['--import', 'aevent/register'];
  await runsCleanly(bin, [...register, 'example.mjs'], dir);
  await runsCleanly(bin, [...register, 'concurrency.mjs'], dir, '10\n');
}

async function runsCleanly(bin, args, cwd, expected) {
  const { stdout, stderr } = await run(bin, args, { cwd, env, timeout: TIMEOUT_MS });
  if (stderr !== '') throw new Error(`unexpected stderr:\n${stderr}`);
  if (expected !== undefined && stdout !== expected)
    throw new Error(`printed ${stdout}, expected ${expected}`);
}

/** The last versions of Node that are too old for `register`, and for anything newer than they are. */
const TOO_OLD = ['18', '20.18.0'];

/** Each door says which versions it takes, and nothing else comes before that. */
async function refuses(bin, dir) {
  const doors = [
    ['--import', 'aevent/register'],
    ['-r', 'aevent/register'],
    ['--import', 'aevent/auto'],
    ['-r', 'aevent/auto'],
    ['--loader', 'aevent/loader'],
    [],
    [join(dir, 'node_modules/.bin/aevent')],
  ];
  for (const door of doors) {
    const { code, stderr } = await run(bin, [...door, 'example.mjs'], {
      cwd: dir,
      env,
      timeout: TIMEOUT_MS,
    }).catch((error) => error);
    if (code > 0 && /aevent needs Node \^20\.19\.0 \|\| >=22\.12\.0, this is v\d/.test(stderr)) continue;
    throw new Error(`${door.join(' ')} ended with ${code}\n${stderr}`);
  }
}

/** Packs, installs and runs the package; each step counts as a test. */
export async function checkPackage() {
  const dir = mkdtempSync(join(tmpdir(), 'aevent-package-'));
  const result = { passed: 0, failed: 0, output: '' };
  const check = async (title, step) => {
    try {
      await step();
      result.passed++;
    } catch (error) {
      result.failed++;
      result.output += `${title}: ${error.stack}\n${error.stdout ?? ''}`;
    }
  };
  try {
    const { filename, files } = await installTarball(dir);
    await check('the tarball holds a native addon for each Node', () => {
      const cores = files.filter(({ path }) => path.endsWith('.node'));
      if (cores.length < NODE_MAJORS.length) throw new Error(`only ${cores.map(({ path }) => path)}`);
    });
    await check('the tarball holds source maps of what is in the stacks of users, and no others', () => {
      const maps = files.filter(({ path }) => path.endsWith('.map')).map(({ path }) => path);
      if (maps.sort().join() !== 'dist/loader/startup.js.map,dist/runtime/all.js.map')
        throw new Error(`it holds ${maps}`);
    });
    await check('publint finds nothing', () =>
      run(process.execPath, [
        join(root, 'node_modules/publint/src/cli.js'),
        'run',
        '--strict',
        join(dir, filename),
      ]),
    );
    await check('every entry is found, with its types', () => checkEntries(join(dir, filename)));
    await check('a TypeScript program sees what aevent adds', () =>
      checkTypes(dir, process.argv.includes('--all')),
    );
    for (const old of TOO_OLD) {
      const { bin, version } = await ensureNode(old);
      await check(`Node ${version}: is refused`, () => refuses(bin, dir));
    }
    for (const major of NODE_MAJORS) {
      const { bin, version } = await ensureNode(major);
      await check(`Node ${version}: README's first example, and ten commands at once`, () =>
        runPrograms(bin, dir),
      );
      await check(`Node ${version}: the command`, () =>
        runsCleanly(bin, [join(dir, 'node_modules/.bin/aevent'), 'concurrency.mjs'], dir, '10\n'),
      );
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return result;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { passed, failed, output } = await checkPackage();
  console.log(`${output}${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
