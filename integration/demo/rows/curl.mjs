// Row: many children at once that ask this very process.
import { execSync } from 'node:child_process';
import { openMeeting } from '../meeting-server.mjs';

const REQUESTS = 50;

export const row = {
  packages: ['node:child_process'],
  what: `execSync('curl …') × ${REQUESTS} to its own process`,
  expected: Array.from({ length: REQUESTS }, (_, i) => `hello /${i}`),
  natively: 'deadlock',
  atOnce: REQUESTS,
  maxGapMs: 500,
};

export async function run({ together }) {
  const server = await openMeeting(REQUESTS);
  const results = await together(REQUESTS, (i) =>
    execSync(`curl --silent --noproxy '*' ${server.url}/${i}`, { encoding: 'utf8' }),
  );
  server.close();
  return { results, atOnce: server.overlap.most };
}
