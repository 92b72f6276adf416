// Adds to dist/ the types of added functions for programs that import `net`, not `node:net`. The sources declare them for
// `node:net` alone; here the same declarations are written under the bare name, at the end of each file that has some.
// Before version 25 `@types/node` declares the modules under the bare names, and `node:net` as all of `net`; from 25 on it is
// the other way round. Methods, and what is added to `events` and `stream`, are found by either name.
//
// The second declaration merges with the first, which a `var` of the same type may do and a `const` may not.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const builtins = fileURLToPath(new URL('../../dist/monkey/builtins', import.meta.url));

const BOTH_NAMES = ['events', 'stream'];
/** Modules that get all that another one gets. */
const ALIKE = { dns: 'dns/promises' };

const BLOCK = /^declare module 'node:([^']+)' \{\n([\s\S]*?)^\}\n/gm;
const MARK = '// The same for other names of these modules (integration/support/augmentations.mjs).\n';

const declaration = (name, lines) => `declare module '${name}' {\n${lines}}\n`;

function added(types) {
  return [...types.matchAll(BLOCK)].flatMap(([, name, lines]) => {
    const functions = lines.match(/^ +(?:export )?var .*\n/gm)?.join('');
    if (functions === undefined || BOTH_NAMES.includes(name)) return [];
    const alike = ALIKE[name];
    return alike === undefined
      ? [declaration(name, functions)]
      : [declaration(name, functions), declaration(`node:${alike}`, lines), declaration(alike, functions)];
  });
}

/** Writes them into dist/. A second run changes nothing. */
export function writeAugmentations() {
  for (const file of readdirSync(builtins, { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(builtins, file);
    const types = readFileSync(path, 'utf8');
    const more = types.includes(MARK) ? [] : added(types);
    if (more.length > 0) writeFileSync(path, `${types}\n${MARK}${more.join('')}`);
  }
}
