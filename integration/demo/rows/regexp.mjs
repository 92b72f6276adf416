// Row: a regular expression that never ends, in a server that goes on serving.
import { createServer } from 'node:http';

const OTHERS = 10;
const LIMIT_MS = 100;
// Takes hours for a text of a's that ends with something else.
const mail = /^([a-z]+)+@example\.com$/;
const evil = 'a'.repeat(40);

export const row = {
  packages: ['node:http'],
  what: `a regular expression that never ends, from a request, beside ${OTHERS} others`,
  expected: ['503 too slow', ...Array.from({ length: OTHERS }, () => '200 true')],
  natively: 'deadlock',
  atOnce: 1,
  maxGapMs: 2 * LIMIT_MS,
};

export async function run({ start, limited }) {
  let begun;
  const evilBegun = new Promise((resolve) => {
    begun = resolve;
  });
  const server = createServer((request, response) => {
    const text = decodeURIComponent(request.url.slice(1));
    if (text === evil) begun();
    start(() => {
      try {
        response.end(String(limited(LIMIT_MS, () => mail.test(text))));
      } catch {
        response.writeHead(503).end('too slow');
      }
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const ask = async (text) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/${encodeURIComponent(text)}`);
    return `${response.status} ${await response.text()}`;
  };
  const first = ask(evil);
  await evilBegun;
  const others = Array.from({ length: OTHERS }, (_, i) => ask(`${'b'.repeat(i + 1)}@example.com`));
  const results = await Promise.all([first, ...others]);
  server.close();
  server.closeAllConnections();
  return { results, atOnce: 1 };
}
