// Node's loader takes nearly a millisecond for a file, so what is evaluated together is put into one: what every start-up
// needs into dist/loader/startup.js, the runtime into dist/runtime/all.js, and so on. The files that a bundle is made of
// become re-exports of it, so each module still exists once, and under its own name. What the hooks thread evaluates is
// one file, too. Each entry of the package gets doors (runtime/base/instance.ts). And facades of builtins
// are made (facades.mjs), and types of their additions (augmentations.mjs); types that no entry leads to are not packed
// (public-types.mjs).
// Runs after tsc; a second run changes nothing.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeAugmentations } from './augmentations.mjs';
import { writeFacades } from './facades.mjs';
import { ofLines } from './map-of-lines.mjs';
import { leaveOutPrivateTypes } from './public-types.mjs';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const inDist = (file) => join(dist, file);

/** Shared by the replacements. */
const COMMON = [
  'monkey/kit/adopt',
  'monkey/kit/callback-in-task',
  'monkey/kit/define-module',
  'monkey/kit/inbox',
  'monkey/kit/emitter-listeners',
  'monkey/kit/prototype-members',
  'monkey/kit/node-errors',
  'monkey/kit/thread-pool',
  'monkey/kit/emitter-factory',
  'monkey/builtins/stream/sync-methods',
  'monkey/kit/replace-class',
];

/** The runtime as far as a program needs it that knows nothing of aevent. */
const WHOLE_PROGRAM = [
  'runtime/tasks/whole-program',
  'runtime/observing/node-report',
  'runtime/waiting/wait-list',
  'runtime/base/pool-state',
  'runtime/patching/cheap-calls',
  'runtime/io/fd-readiness',
];

/** In the order in which they are made: what one has, the later ones take from it. */
const BUNDLES = [
  { bundle: 'loader/startup.js', of: ['loader/install.js'] },
  // First the part that `auto` starts with, and that the replacements need; then the part for programs that import aevent.
  { bundle: 'runtime/whole-program.js', of: WHOLE_PROGRAM.map((name) => `${name}.js`) },
  { bundle: 'runtime/all.js', of: ['runtime/index.js'] },
  { bundle: 'monkey/common.js', of: COMMON.map((name) => `${name}.js`) },
  { bundle: 'monkey/builtins/fs/all.js', of: ['monkey/builtins/fs/definition.js'] },
];
/** The other files of a start-up: they import the bundles, and no file that just re-exports a part of one. */
const OF_BUNDLES = ['loader/opt-in.js', 'loader/auto-commonjs.js'];
const instance = inDist('runtime/base/instance.js');
/** Constants, which bundles have copies of: the command reads them, and loads no bundle. */
const constants = [inDist('runtime/base/console-signals.js')];
// Evaluated before the rest is read.
const apart = [inDist('loader/resolve/start-off-thread.js'), inDist('loader/opt-in.js'), instance];
const inHooksThread = ['loader/resolve/off-thread-hooks.js', 'loader/loader.js'].map(inDist);

function specifier(from, to) {
  const path = relative(dirname(from), to).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

const common = { absWorkingDir: dist, format: 'esm', metafile: true, write: false };
/** Composed of those that tsc made. Without the sources themselves, which were a sixth of the tarball: a stack needs places. */
const mapped = { sourcemap: true, sourcesContent: false };

/** The names that a module exports. */
async function exportsOf(file) {
  const { metafile } = await build({
    ...common,
    outfile: file,
    entryPoints: [file],
    bundle: true,
    packages: 'external',
  });
  return Object.values(metafile.outputs)[0].exports;
}

/** A module that exports these names of the object that `source` declares as `from`. */
function reExports(names, source) {
  const exporting = names.map((name) => `const $${name} = from.${name}; export { $${name} as ${name} };`); // one is 'await'
  return [source, ...exporting, ''].join('\n');
}

/** For esbuild: what `outfile` takes from other bundles and from files that are no part of any is imported from there. */
const leavingApart = (outfile, bundled) => ({
  name: 'leave apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      const external = apart.includes(file) || [...bundled.values()].some((other) => other.bundle === file);
      return external ? { path: specifier(outfile, file), external } : undefined;
    });
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const contents = bundled.get(path)?.text;
      return contents === undefined ? undefined : { contents, resolveDir: dirname(path) };
    });
  },
});

/** Bundles what `entries` reach into `bundle`, but for what is in another one already. @returns how to export each file */
async function bundleInto(bundle, entries, bundled) {
  const make = (contents) =>
    build({
      ...common,
      ...mapped,
      outfile: bundle,
      bundle: true,
      packages: 'external',
      plugins: [leavingApart(bundle, bundled)],
      stdin: { contents, resolveDir: dirname(bundle) },
    });
  const { metafile } = await make(entries.map((file) => `import ${JSON.stringify(file)};`).join('\n'));
  const files = Object.keys(metafile.inputs)
    .filter((input) => input !== '<stdin>')
    .map((input) => resolve(dist, input))
    .filter((file) => !bundled.has(file))
    .sort();
  // Each name by itself: of an `export *` esbuild makes an object with a function for every name, 1,500 at a start-up.
  const names = await Promise.all(files.map(exportsOf));
  const from = (i, rename, file) =>
    `export { ${names[i].map((name) => rename(name, `m${i}$${name}`)).join(', ')} } from ${JSON.stringify(file)};\n`;
  const { outputFiles } = await make(
    files.map((file, i) => from(i, (name, own) => `${name} as ${own}`, specifier(bundle, file))).join(''),
  );
  for (const [i, file] of files.entries()) {
    if (constants.includes(file)) continue;
    const text = from(i, (name, own) => `${own} as ${name}`, specifier(file, bundle));
    bundled.set(file, { bundle, text });
  }
  return outputFiles;
}

/** Just by tsc: a second run of this file changes nothing. */
const isCompiled = !readFileSync(inDist('loader/install.js'), 'utf8').includes('./startup.js');

/** Globals that aevent has from runtime/base/primordials.ts: no properties of these names, but `...Array.from()`. */
const GLOBALS =
  /(?<![\w']|(?<!\.\.)\.)(?:Array|Buffer|JSON|Map|Math|Number|Object|Proxy|Reflect|Set|WeakMap|WeakSet)\b/g;
const primordials = inDist('runtime/base/primordials.js');
/** Must stay free of imports. */
const withoutImports = [
  'monkey/registry.js',
  'monkey/live-bindings.js',
  'monkey/node-features.js',
  'runtime/base/node-builtin.js',
  'runtime/base/node-version.js',
  'runtime/base/undisturbed.js',
  'runtime/base/cut-linking.js',
].map(inDist);
const alone = [...apart, primordials, ...withoutImports];

/** Has a file use the globals as they were, whatever becomes of them: in its first line, so that all keep their numbers. */
function keepGlobals(file) {
  const text = readFileSync(file, 'utf8');
  const from = specifier(file, primordials);
  if (alone.includes(file)) return;
  const names = new Set(text.match(GLOBALS));
  if (names.size === 0) return;
  writeFileSync(file, `import { ${[...names].sort().join(', ')} } from '${from}'; ${text}`);
}

/** Takes the comments out of what tsc made: `removeComments` would take them out of the declarations, too. */
async function leaveOutComments() {
  const entryPoints = ['loader', 'monkey', 'runtime'].flatMap((room) =>
    readdirSync(join(dist, room), { recursive: true })
      .filter((file) => file.endsWith('.js'))
      .map((file) => join(dist, room, file)),
  );
  const inPlace = { outdir: dist, outbase: dist, allowOverwrite: true };
  await build({ absWorkingDir: dist, format: 'esm', sourcemap: true, entryPoints, ...inPlace });
}

if (isCompiled) await leaveOutComments();
await writeFacades();
writeAugmentations();
for (const room of ['monkey', 'runtime']) {
  for (const file of readdirSync(join(dist, room), { recursive: true })) {
    if (!file.endsWith('.js')) continue;
    if (isCompiled) keepGlobals(join(dist, room, file));
  }
}

/** Makes runtime/base/instance.js, and the same for CommonJS, of one file each. */
async function bundleInstance() {
  const { version } = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8'));
  const options = {
    ...common,
    ...mapped,
    write: true,
    bundle: true,
    define: { AEVENT_VERSION: JSON.stringify(version) },
  };
  await build({
    ...options,
    entryPoints: [instance],
    outfile: inDist('runtime/base/instance.cjs'),
    format: 'cjs',
    // The URLs of the package's own files are asked for in ES modules only.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  await build({ ...options, entryPoints: [instance], outfile: instance, allowOverwrite: true });
}

/** A CommonJS door to what the instance opens as `name`. No `module.exports =`: attw would want types with `export =`. */
function commonJsDoor(file, name, names) {
  const path = JSON.stringify(specifier(file, inDist('runtime/base/instance.cjs')));
  return `'use strict';\nObject.assign(module, { exports: require(${path}).open(${JSON.stringify(name)}, __filename, ${JSON.stringify(names)}) });\n`;
}

/** Makes the file that `-r` loads. */
function preloadDoor(file, name) {
  return commonJsDoor(file, name, '').replace('.open(', '.openPreload(');
}

/** The doors to what a program may load of aevent's. */
async function writeDoors() {
  const { files } = await import('../../dist/runtime/base/instance.js');
  for (const name of ['./register', './auto', 'source-worker']) {
    const file = inDist(`loader/${name}.cjs`);
    writeFileSync(file, preloadDoor(file, name));
    writeFileSync(file.replace(/cjs$/, 'd.cts'), 'export {};\n');
  }
  for (const [name, entry] of Object.entries(files)) {
    const file = inDist(`${entry}.js`);
    const door = inDist(`${entry}.facade`);
    if (['./register', './auto', 'jest', 'registry', 'source-worker', 'test-run'].includes(name)) continue;
    const names = await exportsOf(file);
    // For tools that read the file, and know a module with a default export by it.
    const hint = names.includes('default')
      ? '0 && (exports.default = exports.__esModule = undefined);\n'
      : '';
    writeFileSync(`${door}.cjs`, commonJsDoor(door, name, names.join()) + hint);
    const own = JSON.stringify(`./${basename(file)}`);
    const byDefault = names.includes('default') ? `export { default } from ${own};\n` : '';
    writeFileSync(`${door}.d.cts`, `export * from ${own};\n${byDefault}`);
    const source = [
      `import { open } from ${JSON.stringify(specifier(door, instance))};`,
      `const from = open(${JSON.stringify(name)}, import.meta.url, ${JSON.stringify(names.join())});`,
    ];
    writeFileSync(`${door}.js`, reExports(names, source.join('\n')));
  }
}

if (isCompiled) {
  await bundleInstance();
  await writeDoors();
  const bundled = new Map();
  const outputs = [];
  for (const { bundle, of } of BUNDLES)
    outputs.push(...(await bundleInto(inDist(bundle), of.map(inDist), bundled)));
  for (const file of OF_BUNDLES.map(inDist)) {
    const plugins = [leavingApart(file, bundled)];
    const options = {
      ...common,
      bundle: true,
      packages: 'external',
      plugins,
      entryPoints: [file],
      outfile: file,
    };
    outputs.push(...(await build(options)).outputFiles);
    rmSync(`${file}.map`);
  }
  await build({
    ...mapped,
    absWorkingDir: dist,
    entryPoints: inHooksThread,
    outdir: dist,
    outbase: dist,
    format: 'esm',
    bundle: true,
    allowOverwrite: true,
  });
  for (const [file, { text }] of bundled) {
    writeFileSync(file, text);
    rmSync(`${file}.map`); // of the lines that it had
  }
  for (const { path, contents, text } of outputs)
    writeFileSync(path, path.endsWith('.map') ? ofLines(text) : contents);
}
leaveOutPrivateTypes();
