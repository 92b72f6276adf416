// Express with handlers that block.
import express from 'express';
import { get } from './rounds.mjs';
import { block, serve } from './serve.mjs';

await serve(() => {
  const app = express();
  app.use((_request, _response, next) => next());
  app.get('/:i', (request, response) => response.send(block(Number(request.params.i))));
  return app.listen(0);
}, get);
