// node:http with handlers that block.
import { createServer } from 'node:http';
import { get } from './rounds.mjs';
import { block, serve } from './serve.mjs';

await serve(
  () => createServer((request, response) => response.end(block(Number(request.url.slice(1))))).listen(0),
  get,
);
