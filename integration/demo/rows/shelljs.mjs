// Row: commands of a shell, many at once.
import shell from 'shelljs';
import { Overlap } from '../overlap.mjs';

const CALLS = 20;

export const row = {
  packages: ['shelljs'],
  what: `exec('sleep 0.2') × ${CALLS}`,
  expected: Array.from({ length: CALLS }, (_, i) => `exit 0: ${i}`),
  atOnce: CALLS,
  maxGapMs: 500,
  maxTimesNative: 0.9,
};

export async function run({ together }) {
  const overlap = new Overlap();
  const results = await together(CALLS, (i) => {
    const { code, stdout, stderr } = overlap.during(() =>
      shell.exec(`sleep 0.2; echo ${i}`, { silent: true }),
    );
    return `exit ${code}: ${stdout.trim()}${stderr}`;
  });
  return { results, atOnce: overlap.most };
}
