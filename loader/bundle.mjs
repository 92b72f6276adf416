// Puts what every start-up evaluates into one file, dist/loader/startup.js: Node's loader takes nearly a millisecond
// for a file. The files that it is made of become re-exports of it, so each module still exists once, and under
// its own name. What the hooks thread evaluates is one file, too. And facades get live bindings.
// Runs after tsc; a second run changes nothing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const bundle = join(dist, 'loader/startup.js');
const entries = ['loader/install.js', 'monkey/globals.js'].map((file) => join(dist, file));
// Evaluated before the rest is read.
const apart = join(dist, 'loader/hooks-thread.js');
const inHooksThread = ['loader/hooks.js', 'loader/loader.js'].map((file) => join(dist, file));

function specifier(from, to) {
  const path = relative(dirname(from), to).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

const leaveApart = {
  name: 'leave apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      return file === apart ? { path: specifier(bundle, file), external: true } : undefined;
    });
  },
};

const common = { absWorkingDir: dist, outfile: bundle, format: 'esm', metafile: true, write: false };
const bundling = { ...common, bundle: true, packages: 'external', plugins: [leaveApart] };

async function filesReachedFrom(entryPoints) {
  const { metafile } = await build({
    ...bundling,
    stdin: {
      contents: entryPoints.map((file) => `import ${JSON.stringify(file)};`).join('\n'),
      resolveDir: dist,
    },
  });
  return Object.keys(metafile.inputs)
    .filter((input) => input !== '<stdin>')
    .map((input) => resolve(dist, input))
    .sort();
}

async function exportsOf(file) {
  const { metafile } = await build({ ...common, entryPoints: [file] });
  return Object.values(metafile.outputs)[0].exports;
}

async function reExports(file, namespace) {
  const names = await exportsOf(file);
  const from = JSON.stringify(specifier(file, bundle));
  return [
    `import { ${namespace} as from } from ${from};`,
    ...names.map((name) => `export const ${name} = from.${name};`),
    '',
  ].join('\n');
}

/** A facade's names are live bindings (monkey/live.ts), line for line where they were. */
function liven(file) {
  const text = readFileSync(file, 'utf8');
  const assignments = [...text.matchAll(/^export const (\w+) = (\w+)\.\1;$/gm)];
  if (assignments.length === 0 || !/^import \{ load \} from /m.test(text)) return;
  const update = assignments.map(([, name, holder]) => `${name} = ${holder}.${name};`).join(' ');
  const live = text
    .replace(/^import \{ load \} from /m, 'import { follow, load } from ')
    .replace(/^export const (?=(\w+) = \w+\.\1;$)/gm, 'export let ')
    .replace(/(?=\/\/# sourceMappingURL=)/, `follow(() => { ${update} });\n`);
  writeFileSync(file, live);
}

for (const file of readdirSync(join(dist, 'monkey'), { recursive: true })) {
  if (file.endsWith('.js')) liven(join(dist, 'monkey', file));
}

if (!readFileSync(entries[0], 'utf8').includes('./startup.js')) {
  const files = await filesReachedFrom(entries);
  const contents = files
    .map((file, i) => `export * as m${i} from ${JSON.stringify(specifier(bundle, file))};`)
    .join('\n');
  const { outputFiles } = await build({ ...bundling, stdin: { contents, resolveDir: dirname(bundle) } });
  const replaced = await Promise.all(files.map((file, i) => reExports(file, `m${i}`)));
  await build({
    absWorkingDir: dist,
    entryPoints: inHooksThread,
    outdir: dist,
    outbase: dist,
    format: 'esm',
    bundle: true,
    allowOverwrite: true,
  });
  writeFileSync(bundle, outputFiles[0].text);
  for (const [i, file] of files.entries()) writeFileSync(file, replaced[i]);
}
