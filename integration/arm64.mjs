// `npm run test:arm64 [-- <test files>]`: cross-compiles the native addon and, under qemu's user mode, runs README's first example
// from the packed tarball, then the native and runtime tests. Not part of `npm test`: emulated, they take long. One file after the
// other, each of which says what passed; after half an hour the files that are left are named, and not run.
//
// vitest's main process stays on this machine; only its workers, and what the tests start, are arm64. For that
// process.execPath is a wrapper script: a kernel without binfmt_misc cannot start another architecture's binary.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTarball, runPrograms } from './package/check.mjs';
import { crossCompile, installTools } from './release/arm64-cores.mjs';
import { ensureNode } from './support/node-versions.mjs';
import { buildTypeScript, installDependencies, root } from './support/setup.mjs';
import { runVitest } from './support/vitest-run.mjs';

const MAJOR = 24;
const SYSROOT = '/usr/aarch64-linux-gnu';
const TESTS = ['test/runtime/native', 'test/runtime'];
const LEFT_OUT = [
  [/\/native\/addon-/, 'its addon is compiled by the compiler of this machine, for this machine'],
  [/\/native\/collections\./, 'qemu has no process_vm_readv(), so minor collections visit all stacks'],
  [/\/native\/(fork|slabs)\./, 'qemu keeps guard regions and the marks of mappings to itself'],
];
const LIMIT_MS = 30 * 60_000;

function writeWrapper(bin) {
  const dir = join(root, '.cache/arm64');
  const wrapper = join(dir, 'node');
  const preload = join(dir, 'preload.cjs');
  mkdirSync(dir, { recursive: true });
  writeFileSync(wrapper, `#!/bin/sh\nexec qemu-aarch64 -L ${SYSROOT} '${bin}' "$@"\n`);
  chmodSync(wrapper, 0o755);
  writeFileSync(preload, `process.execPath = ${JSON.stringify(wrapper)};\n`);
  return { wrapper, preload };
}

/** Runs programs of a user's from the tarball; counts and output as runVitest gives them. */
async function testTarball(node) {
  const dir = mkdtempSync(join(tmpdir(), 'aevent-arm64-'));
  try {
    await installTarball(dir);
    await runPrograms(node, dir);
    return { passed: 1, failed: 0, output: '' };
  } catch (error) {
    return { passed: 0, failed: 1, output: `${error.stack}\n${error.stdout ?? ''}${error.stderr ?? ''}` };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Sets everything up, and runs the suite on arm64; counts and output as runVitest gives them. */
async function testArm64(filters) {
  const missing = installTools({ emulator: true });
  if (missing !== '') {
    const output = `arm64 was not tested: apt-get cannot install ${missing} here`;
    return { passed: 0, failed: 0, skipped: 1, output };
  }
  const node = await ensureNode(MAJOR, 'arm64');
  await crossCompile(MAJOR);
  const { wrapper, preload } = writeWrapper(node.bin);
  // Tests that compute much do less of it.
  const env = {
    NODE_OPTIONS: `--require ${JSON.stringify(preload)}`,
    AEVENT_BACKEND: 'fiber',
    AEVENT_TEST_EMULATED: '1',
  };
  const total = { passed: 0, failed: 0, output: '' };
  const add = (what, { passed, failed, output }) => {
    console.log(`${failed > 0 ? 'FAILED' : 'ok'}  ${what}: ${passed} passed, ${failed} failed`);
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) total.output += output;
  };
  add("README's first example from the tarball, ten commands at once", await testTarball(wrapper));
  const end = Date.now() + LIMIT_MS;
  for (const file of filesOf(filters)) {
    const [, reason] = LEFT_OUT.find(([pattern]) => pattern.test(file)) ?? [];
    if (reason !== undefined) {
      console.log(`left out  ${file}: ${reason}`);
      continue;
    }
    const limitMs = end - Date.now();
    if (limitMs <= 0) {
      console.log(`not run  ${file}`);
      continue;
    }
    const result = await runVitest({
      name: `arm64 ${file}`,
      node: process.execPath,
      env,
      args: [file],
      limitMs,
    });
    if (Date.now() >= end) console.log(`not done  ${file}: ${result.passed} passed so far`);
    else add(file, result);
  }
  return total;
}

/** The test files of the folders, or files, that are asked for: those of the addon itself first. */
function filesOf(places) {
  const found = places.flatMap((place) =>
    place.endsWith('.ts')
      ? [place]
      : readdirSync(join(root, place), { recursive: true })
          .filter((file) => file.endsWith('.test.ts'))
          .map((file) => join(place, file)),
  );
  return [...new Set(found)];
}

installDependencies();
buildTypeScript();
const filters = process.argv.slice(2);
const { passed, failed, output } = await testArm64(filters.length > 0 ? filters : TESTS);
if (failed > 0 || passed === 0) console.log(output);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
