// Contender: a server that awaits a timer.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { listen } from '../listen.mjs';

listen(
  createServer(async (_request, response) => {
    await delay(5);
    response.end('ok');
  }),
);
