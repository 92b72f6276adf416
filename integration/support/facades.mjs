// Makes the facades of builtins, ES modules and their types, of the table monkey/facades/names.ts. A facade has all of Node's names,
// and for those that are replaced or added a live binding: `syncBuiltinESMExports()` assigns them again, as Node does its own
// modules' (monkey/live-bindings.ts).
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const monkey = fileURLToPath(new URL('../../dist/monkey', import.meta.url));

/** Modules that @types/node declares by `export =`: no `export *` is allowed in types. */
const EXPORT_EQUALS = ['cluster', 'events', 'process', 'stream'];

const pathFrom = (file, to) => {
  const path = posix.relative(posix.dirname(file), to);
  return path.startsWith('.') ? path : `./${path}`;
};

function source(file, { of, after, names }) {
  const own = names.split(' ').filter(Boolean);
  const update = own.map((name) => `${name} = module.${name};`).join(' ');
  return [
    `import { follow, load } from '${pathFrom(file, 'facade.js')}';`,
    `const module = load('${of}').exports;`,
    `export * from '${after === undefined ? `node:${of}` : pathFrom(file, `facades/${after}.js`)}';`,
    'export default module;',
    ...own.map((name) => `export let ${name} = module.${name};`),
    ...(own.length > 0 ? [`follow(() => { ${update} });`] : []),
    '',
  ].join('\n');
}

function types(file, { of, after, names }) {
  const isDeclared = !EXPORT_EQUALS.includes(of);
  return [
    `import type {} from '${pathFrom(file, 'builtins/augmentations.js')}';`,
    `declare const module: typeof import('node:${of}');`,
    // A name that is newer than the installed @types/node is of no type.
    'type Of<K extends PropertyKey> = K extends keyof typeof module ? (typeof module)[K] : never;',
    ...(after !== undefined
      ? [`export * from '${pathFrom(file, `facades/${after}.js`)}';`]
      : isDeclared
        ? [`export * from 'node:${of}';`]
        : []),
    'export default module;',
    ...names
      .split(' ')
      .filter(Boolean)
      .map((name) => `export declare const ${name}: Of<'${name}'>;`),
    '',
  ].join('\n');
}

/** Writes all facades into dist/. */
export async function writeFacades() {
  const { facades } = await import('../../dist/monkey/facades/names.js');
  for (const [name, facade] of Object.entries(facades)) {
    const file = `facades/${name}.js`;
    mkdirSync(dirname(join(monkey, file)), { recursive: true });
    writeFileSync(join(monkey, file), source(file, facade));
    writeFileSync(join(monkey, file.replace(/js$/, 'd.ts')), types(file, facade));
  }
}
