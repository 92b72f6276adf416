// Row: a synchronous importer that waits for a promise.
import { setTimeout as delay } from 'node:timers/promises';
import { compileString } from 'sass';
import { Overlap } from '../overlap.mjs';

const COMPILES = 10;
const WARM_UPS = 20;
const css = (i) => `a {\n  color: hsl(${i}, 50%, 50%);\n}\n\nb {\n  width: ${i * 2}px;\n}`;
const scss = (i) => `@use "db:colors-${i}" as colors; @use "db:sizes-${i}" as sizes;
  a { color: colors.$main } b { width: sizes.$base * 2 }`;

export const row = {
  packages: ['sass'],
  what: `compileString × ${COMPILES}, the importer waits for a promise`,
  expected: Array.from({ length: COMPILES }, (_, i) => css(i)),
  natively: 'wrong',
  atOnce: COMPILES,
  maxGapMs: 250,
};

// The compiler's own warming up blocks the loop either way.
export async function prepare() {
  const importer = {
    canonicalize: (url) => new URL(url),
    load: () => ({ contents: '$value: 1px', syntax: 'scss' }),
  };
  for (let i = 0; i < WARM_UPS; i++) {
    compileString(`@use "warm:${i}" as w; a { width: w.$value * 2 }`, { importers: [importer] });
  }
}

export async function run({ together, wait }) {
  const overlap = new Overlap();
  const fetchSource = async ({ pathname }) => {
    await delay(30);
    const [name, i] = pathname.split('-');
    return name === 'colors' ? `$main: hsl(${i}, 50%, 50%)` : `$base: ${i}px`;
  };
  const importer = {
    canonicalize: (url) => new URL(url),
    load: (url) => overlap.during(() => ({ contents: wait(fetchSource(url)), syntax: 'scss' })),
  };
  const results = await together(COMPILES, (i) => compileString(scss(i), { importers: [importer] }).css);
  return { results, atOnce: overlap.most };
}
