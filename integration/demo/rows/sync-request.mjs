// Row: synchronous requests to this very process.
import request from 'sync-request';
import { openMeeting } from '../meeting-server.mjs';

const REQUESTS = 10;

export const row = {
  packages: ['sync-request'],
  what: `GET × ${REQUESTS} from its own process`,
  expected: Array.from({ length: REQUESTS }, (_, i) => `200 hello /${i}`),
  natively: 'deadlock',
  atOnce: REQUESTS,
  maxGapMs: 500,
};

export async function run({ together }) {
  const server = await openMeeting(REQUESTS);
  const results = await together(REQUESTS, (i) => {
    const response = request('GET', `${server.url}/${i}`);
    return `${response.statusCode} ${response.body}`;
  });
  server.close();
  return { results, atOnce: server.overlap.most };
}
