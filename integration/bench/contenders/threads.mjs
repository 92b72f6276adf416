// Ten calls at once of packages that compute in one go, in threads. Each result must be what the package gives here.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import aevent, { inThread, toThread } from 'aevent';
import { median } from '../interleave.mjs';
import { thumbnail } from './thumbnail.mjs';

const AT_ONCE = 10;
const ROUNDS = 5;
const require = createRequire(import.meta.url);
const source = readFileSync(require.resolve('express/lib/response.js'), 'utf8');
const SALT = '$2b$10$abcdefghijklmnopqrstuu';

const bcrypt = inThread('bcrypt');
const swc = inThread('@swc/core');
const format = toThread('prettier', 'format');
const inPool = toThread(new URL('./thumbnail.mjs', import.meta.url), 'thumbnail');

const minify = { minify: true, jsc: { minify: { compress: true, mangle: true } } };
const contenders = {
  'bcrypt.hashSync': {
    here: () => require('bcrypt').hashSync('password', SALT),
    there: () => bcrypt.hashSync('password', SALT),
  },
  '@swc/core transformSync': {
    here: () => require('@swc/core').transformSync(source, minify).code,
    there: () => swc.transformSync(source, minify).code,
  },
  'prettier, synchronously': {
    here: () => require('prettier').format(source, { parser: 'babel' }),
    there: () => format(source, { parser: 'babel' }),
  },
  'sharp, synchronously': {
    here: () => thumbnail(400),
    there: () => inPool(400),
  },
};

const tenOf = (there) => Promise.all(Array.from({ length: AT_ONCE }, () => aevent.call(there)));
const seen = {};
for (const [name, { here, there }] of Object.entries(contenders)) {
  const expected = await here();
  // Starts the threads, and compiles what they run.
  for (const result of await tenOf(there)) assert.deepEqual(result, expected);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    const before = process.cpuUsage();
    await tenOf(there);
    const ms = performance.now() - begin;
    const { user, system } = process.cpuUsage(before);
    rounds.push({ ms, processors: (user + system) / 1000 / ms });
  }
  seen[name] = {
    ms: median(rounds.map(({ ms }) => ms)),
    processors: median(rounds.map(({ processors }) => processors)),
  };
}
process.send(seen, () => process.exit());
