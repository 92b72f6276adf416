// `npm run test:cross`: whether the core compiles for the systems that cannot be run here, for each Node: warnings are errors;
// and whether it wants nothing but what Node and those systems have. What is not done within an hour is named, and not run.
//   npm run test:cross -- --node 24 --target aarch64-macos
import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNode, NODE_MAJORS } from '../support/node-versions.mjs';
import { root } from '../support/setup.mjs';
import { faultsOf, symbolsOf, symbolsOfObjects } from './symbols.mjs';
import { Compiler } from './zig.mjs';

const TARGETS = [
  'aarch64-linux-gnu',
  'x86_64-linux-musl',
  'aarch64-linux-musl',
  'x86_64-macos',
  'aarch64-macos',
];
const LIMIT_MS = 60 * 60_000;
const FLAGS = ['-fno-rtti', '-fPIC', '-fvisibility=hidden', '-fno-sanitize=all', '-O0'];
const WARNINGS = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter'];

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true },
    target: { type: 'string', multiple: true },
  },
});
const native = join(root, 'runtime/native');
const gyp = readFileSync(join(native, 'binding.gyp'), 'utf8');
const sources = [...gyp.matchAll(/"([\w/-]+\.cc)"/g)].map(([, file]) => file);

async function check(target, { bin, prefix, version }) {
  const standard = version.startsWith('20.') ? 'c++17' : 'c++20';
  const headers = join(prefix, 'include/node');
  const folder = join(root, '.cache/cross', `${target}-${version}`);
  mkdirSync(folder, { recursive: true });
  const flags = [`-std=${standard}`, ...FLAGS, ...WARNINGS, '-I.', '-isystem', headers];
  const compiler = new Compiler(target, { flags, folder, cwd: native });
  await compiler.readHeaders('preemption/place.cc');
  const left = [...sources];
  const objects = [];
  const failures = [];
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (let source = left.shift(); source !== undefined; source = left.shift()) {
      await compiler.compile(source).then(
        (object) => objects.push(object),
        (error) => failures.push(error.message),
      );
    }
  });
  await Promise.all(workers);
  if (failures.length > 0) throw new Error(failures.join('\n'));
  const { wanted } = symbolsOfObjects(objects);
  const faults = faultsOf(wanted, {
    system: target.includes('macos') ? 'macos' : 'linux',
    node: symbolsOf(bin),
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return `compiles, and wants ${wanted.length} symbols that Node and the system have`;
}

const end = Date.now() + LIMIT_MS;
const results = { ok: 0, FAILED: 0, 'not run': 0 };
const say = (result, what) => {
  results[result]++;
  console.log(`${result}  ${what}`);
};
for (const major of values.node?.map(Number) ?? NODE_MAJORS) {
  const node = await ensureNode(major);
  for (const target of values.target ?? TARGETS) {
    const what = `${target}, Node ${node.version}`;
    const began = Date.now();
    if (began > end) {
      say('not run', what);
      continue;
    }
    try {
      const found = await check(target, node);
      say('ok', `${what}: ${found} (${Math.round((Date.now() - began) / 1000)} s)`);
    } catch (error) {
      say('FAILED', `${what}: ${error.message}`);
    }
  }
}
console.log(`${results.ok} passed, ${results.FAILED} failed, ${results['not run']} not run`);
process.exitCode = results.ok > 0 && results.FAILED + results['not run'] === 0 ? 0 : 1;
