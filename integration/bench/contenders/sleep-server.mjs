// Contender: a server whose tasks sleep.
import { createServer } from 'node:http';
import { sleepSync } from 'node:timers';
import aevent from 'aevent';
import { listen } from '../listen.mjs';

listen(
  createServer((_request, response) => {
    aevent.call(() => {
      sleepSync(5);
      response.end('ok');
    });
  }),
);
