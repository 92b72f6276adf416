// Row: synchronous XMLHttpRequests to this very process.
import { JSDOM } from 'jsdom';
import { openMeeting } from '../meeting-server.mjs';

const REQUESTS = 10;

export const row = {
  packages: ['jsdom'],
  what: `synchronous XMLHttpRequest × ${REQUESTS} to its own process`,
  expected: Array.from({ length: REQUESTS }, (_, i) => `200 hello /${i}`),
  natively: 'deadlock',
  atOnce: REQUESTS,
  maxGapMs: 250,
};

export async function prepare() {
  const server = await openMeeting(REQUESTS);
  const { window } = new JSDOM('', { url: server.url });
  startWorker(window);
  return { server, window };
}

// jsdom starts its worker with the first request, and gives it five seconds: on a busy machine too few.
function startWorker(window) {
  const xhr = new window.XMLHttpRequest();
  xhr.open('GET', 'data:,', false);
  xhr.send();
}

export async function run({ together }, { server, window }) {
  const results = await together(REQUESTS, (i) => {
    const xhr = new window.XMLHttpRequest();
    xhr.open('GET', `/${i}`, false);
    xhr.send();
    return `${xhr.status} ${xhr.responseText}`;
  });
  window.close();
  server.close();
  return { results, atOnce: server.overlap.most };
}
