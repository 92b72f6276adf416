// Row: a synchronous importer that runs a child process.
import { execSync } from 'node:child_process';
import { compileString } from 'sass';
import { Overlap } from '../overlap.mjs';

const COMPILES = 10;
const WARM_UPS = 20;

export const row = {
  packages: ['sass'],
  what: `compileString × ${COMPILES}, the importer runs a child process`,
  expected: Array.from({ length: COMPILES }, (_, i) => `a {\n  width: ${i}px;\n}`),
  atOnce: COMPILES,
  maxGapMs: 500,
  maxTimesNative: 0.7,
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

export async function run({ together }) {
  const overlap = new Overlap();
  const importer = {
    canonicalize: (url) => new URL(url),
    load({ pathname }) {
      const command = `sleep 0.1; echo '$base: ${pathname}px;'`;
      const contents = overlap.during(() => execSync(command, { encoding: 'utf8' }));
      return { contents, syntax: 'scss' };
    },
  };
  const results = await together(
    COMPILES,
    (i) => compileString(`@use "sh:${i}" as sh; a { width: sh.$base }`, { importers: [importer] }).css,
  );
  return { results, atOnce: overlap.most };
}
