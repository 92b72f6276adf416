import { execSync } from 'node:child_process';
import { compileString } from 'sass';
import { mostAtOnce } from '../overlap.mjs';

const COMPILES = 10;

export const row = {
  packages: ['sass'],
  what: `compileString × ${COMPILES}, the importer runs a child process`,
  expected: Array.from({ length: COMPILES }, (_, i) => `a {\n  width: ${i}px;\n}`),
  atOnce: COMPILES,
  maxGapMs: 150,
  maxTimesNative: 0.7,
};

export async function prepare() {
  compileString('a { b: c }');
}

export async function run({ together }) {
  const intervals = [];
  const importer = {
    canonicalize: (url) => new URL(url),
    load({ pathname }) {
      const [begin, contents, end] = execSync(
        `date +%s%N; sleep 0.1; echo '$base: ${pathname}px;'; date +%s%N`,
        { encoding: 'utf8' },
      ).split('\n');
      intervals.push([Number(begin), Number(end)]);
      return { contents, syntax: 'scss' };
    },
  };
  const results = await together(
    COMPILES,
    (i) => compileString(`@use "sh:${i}" as sh; a { width: sh.$base }`, { importers: [importer] }).css,
  );
  return { results, atOnce: mostAtOnce(intervals) };
}
