// Contender: Node's hello world.
import { createServer } from 'node:http';
import { listen } from '../listen.mjs';

listen(
  createServer((_request, response) => {
    response.end('hello world');
  }),
);
