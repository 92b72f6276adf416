// The work of the other servers here, written for an event loop and run without aevent: the measure for a machine on which
// starting a child alone keeps the loop longer than it may be kept.
import { exec } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BLOCK_MS } from './limits.mjs';
import { get, rounds } from './rounds.mjs';

const wait = (i) => (i % 3 === 1 ? promisify(exec)(`sleep ${BLOCK_MS / 1000}`) : setTimeout(BLOCK_MS));

const server = createServer(async (request, response) => {
  const i = Number(request.url.slice(1));
  await wait(i);
  response.end(`answer ${i}`);
}).listen(0);
await once(server, 'listening');
const { right, longestGapMs } = await rounds(server.address().port, get);
console.log(JSON.stringify({ right, longestGapMs }));
process.exit(right ? 0 : 1);
