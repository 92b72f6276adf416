// Leaves out of the package the declarations that no entry of it leads to: writes their names into `dist/.npmignore`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const DECLARATION = /\.d\.c?ts$/;
const IMPORTED = /(?:from |import\(|import |path=)['"](\.[^'"]+)['"]/g;

/** The declarations that package.json exports. */
function entriesOf(value, all) {
  if (typeof value !== 'string') return Object.values(value).flatMap((each) => entriesOf(each, all));
  if (!DECLARATION.test(value)) return [];
  const [before, after] = normalize(value).split('*');
  return after === undefined
    ? [before]
    : all.filter((file) => file.startsWith(before) && file.endsWith(after));
}

/** The declarations that one imports or refers to. */
function importsOf(file) {
  const found = readFileSync(join(root, file), 'utf8').matchAll(IMPORTED);
  return [...found].flatMap(([, specifier]) => {
    const path = normalize(join(dirname(file), specifier));
    return [path, path.replace(/\.js$/, '.d.ts'), path.replace(/\.cjs$/, '.d.cts')];
  });
}

/** To be called when all of `dist/` was written. */
export function leaveOutPrivateTypes() {
  const all = readdirSync(join(root, 'dist'), { recursive: true })
    .filter((file) => DECLARATION.test(file))
    .map((file) => normalize(`dist/${file}`));
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const reached = new Set();
  const left = entriesOf(exports, all);
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (reached.has(file) || !DECLARATION.test(file) || !existsSync(join(root, file))) continue;
    reached.add(file);
    left.push(...importsOf(file));
  }
  const unreached = all.filter((file) => !reached.has(file)).map((file) => file.slice('dist'.length));
  writeFileSync(join(root, 'dist/.npmignore'), `${unreached.sort().join('\n').replaceAll('\\', '/')}\n`);
}
