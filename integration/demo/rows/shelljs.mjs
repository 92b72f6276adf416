import shell from 'shelljs';
import { mostAtOnce } from '../overlap.mjs';

const CHILDREN = 20;
const command = 'date +%s%N; sleep 0.2; date +%s%N';

export const row = {
  packages: ['shelljs'],
  what: `exec('sleep 0.2') × ${CHILDREN}`,
  expected: Array(CHILDREN).fill('exit 0'),
  atOnce: CHILDREN,
  maxGapMs: 150,
  maxTimesNative: 0.4,
};

export async function run({ together }) {
  const intervals = [];
  const results = await together(CHILDREN, () => {
    const { code, stdout, stderr } = shell.exec(command, { silent: true });
    intervals.push(stdout.trim().split('\n').map(Number));
    return code === 0 ? 'exit 0' : `exit ${code}: ${stderr}`;
  });
  return { results, atOnce: mostAtOnce(intervals) };
}
