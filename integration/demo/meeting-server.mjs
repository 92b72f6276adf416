// An http server that shows whether requests are made at the same time.
import { createServer } from 'node:http';
import { Overlap } from './overlap.mjs';

const PATIENCE_MS = 10_000;

/**
 * An http server that answers nobody before `guests` requests are waiting at the same time: one request after
 * the other never gets an answer, however fast. `GET /x` is answered with `hello /x`.
 */
export async function openMeeting(guests) {
  const waiting = [];
  const overlap = new Overlap();
  const answerAll = (status) => {
    for (const { request, response } of waiting.splice(0)) {
      response.writeHead(status, { 'Content-Type': 'text/plain' });
      response.end(status === 200 ? `hello ${request.url}` : `only ${overlap.most} of ${guests} came`);
    }
  };
  const server = createServer((request, response) => {
    overlap.enter();
    response.on('close', () => overlap.leave());
    if (waiting.push({ request, response }) === guests) answerAll(200);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const patience = setTimeout(() => answerAll(503), PATIENCE_MS);
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    overlap,
    close() {
      clearTimeout(patience);
      server.close();
      server.closeAllConnections();
    },
  };
}
