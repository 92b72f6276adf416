// Fastify with handlers that block.
import Fastify from 'fastify';
import { get } from './rounds.mjs';
import { block, serve } from './serve.mjs';

await serve(async () => {
  const app = Fastify();
  app.addHook('preHandler', (_request, _reply, done) => done());
  app.get('/:i', (request) => block(Number(request.params.i)));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}, get);
