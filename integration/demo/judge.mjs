// Says whether a row came out as it should.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/**
 * Puts the measured runs of a row in the cells of the table.
 * @returns `cells`, and `reasons`: a sentence for each thing that is not what the row expects
 */
export function judge(runs) {
  const row = runs.natively[0].row ?? runs.aevent[0].row;
  const native = summary(runs.natively);
  const ours = summary(runs.aevent);
  const reasons = [];
  if (native.failure) reasons.push(`natively it ${native.failure}`);
  if (ours.failure) reasons.push(`under aevent it ${ours.failure}`);
  if (!row) return { cells: ['?', '?', 'failed', '', 'failed', '', ''], reasons };

  const expectedNatively = row.natively ?? 'right';
  if (!native.failure && kind(native, row) !== expectedNatively) {
    reasons.push(`natively it should be ${expectedNatively}, but is: ${describe(native, row)}`);
  }
  if (!ours.failure) {
    if (kind(ours, row) !== 'right') reasons.push(`wrong results under aevent: ${describe(ours, row)}`);
    if (ours.atOnce < row.atOnce) reasons.push(`${ours.atOnce} at once, should be ${row.atOnce}`);
    for (const [what, gapMs, maxMs] of [
      ['', ours.ownGapMs, row.maxGapMs],
      ['in one of ten gaps ', ours.usualGapMs, row.maxUsualGapMs],
    ]) {
      if (gapMs > maxMs)
        reasons.push(`the event loop was blocked ${what}for ${gapMs.toFixed(0)} ms, may be ${maxMs}`);
    }
    const ratio = ours.totalMs / native.totalMs;
    if (row.maxTimesNative && !(ratio <= row.maxTimesNative)) {
      reasons.push(`takes ${ratio.toFixed(2)} × the native time, may be ${row.maxTimesNative}`);
    }
  }
  const cells = [
    row.packages.map(withVersion).join(', '),
    row.what,
    describe(native, row),
    gap(native),
    describe(ours, row),
    gap(ours),
    ours.atOnce === undefined ? '–' : String(ours.atOnce),
  ];
  return { cells, reasons };
}

/** The first failed or else the first run, with the least disturbed time and the median gap of all runs. */
function summary(runs) {
  const first = runs.find((run) => run.failure) ?? runs[0];
  if (!first.results) return first;
  return {
    ...first,
    totalMs: Math.min(...runs.map((run) => run.totalMs)),
    gapMs: median(runs.map((run) => run.gapMs)),
    ownGapMs: median(runs.map((run) => run.ownGapMs)),
    usualGapMs: median(runs.map((run) => run.usualGapMs)),
    results:
      runs.map((run) => run.results).find((results) => wrongOnes(results, first.row).length > 0) ??
      first.results,
  };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function wrongOnes(results, row) {
  return results.filter((result, i) => !isDeepStrictEqual(result, row.expected[i]));
}

function kind(run, row) {
  if (run.deadlock) return 'deadlock';
  return wrongOnes(run.results, row).length > 0 ? 'wrong' : 'right';
}

function describe(run, row) {
  if (run.failure) return 'failed';
  if (run.deadlock) return `deadlock (bounded at ${run.deadlock / 1000} s)`;
  const wrong = wrongOnes(run.results, row);
  const seconds = `in ${(run.totalMs / 1000).toFixed(2)} s`;
  if (wrong.length === 0) return `${run.results.length} right ${seconds}`;
  const sample = wrong[0].length > 40 ? `${wrong[0].slice(0, 39)}…` : wrong[0];
  return `${wrong.length} of ${run.results.length} wrong: ${sample}`;
}

function gap(run) {
  if (run.deadlock) return `≥ ${run.deadlock} ms`;
  return run.gapMs === undefined ? '–' : `${run.gapMs.toFixed(0)} ms`;
}

function withVersion(name) {
  if (name.startsWith('node:')) return name;
  const { version } = JSON.parse(
    readFileSync(join(import.meta.dirname, 'node_modules', name, 'package.json'), 'utf8'),
  );
  return `${name} ${version}`;
}
