// Fastify 5: plugins, hooks, schemas, streams, errors; over a socket and injected.
import { Readable } from 'node:stream';
import Fastify from 'fastify';

const app = Fastify();
const hooks = [];
for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'onSend', 'onResponse']) {
  app.addHook(hook, async (request) => {
    if (request.url === '/hello/world') hooks.push(hook);
  });
}
app.register(async (plugin) => {
  plugin.decorate('greet', (name) => `hello ${name}`);
  plugin.get('/hello/:name', (request) => plugin.greet(request.params.name));
});
const schema = {
  body: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
  response: { 200: { type: 'object', properties: { square: { type: 'integer' } } } },
};
app.post('/square', { schema }, async ({ body }) => ({ square: body.n ** 2, hidden: true }));
app.get('/stream', (_request, reply) => reply.send(Readable.from(['a', 'b', 'c'])));
app.get('/throws', () => {
  throw Object.assign(new Error('thrown'), { statusCode: 418 });
});
app.get('/callback', (_request, reply) => {
  setTimeout(() => reply.code(202).send({ after: 'a timer' }), 5);
});

const at = await app.listen({ port: 0, host: '127.0.0.1' });
async function ask(path, options) {
  const response = await fetch(at + path, options);
  console.log(path, response.status, response.headers.get('content-type'), await response.text());
}
const post = (body) => ({ method: 'POST', body, headers: { 'content-type': 'application/json' } });
await ask('/hello/world');
await ask('/square', post('{ "n": 12 }'));
await ask('/square', post('{ "n": "x" }'));
for (const path of ['/stream', '/throws', '/callback', '/none']) await ask(path);
const many = await Promise.all(
  Array.from({ length: 50 }, async (_, i) => (await fetch(`${at}/hello/${i}`)).text()),
);
console.log(many.join());
const injected = await app.inject({ method: 'POST', url: '/square', payload: { n: 7 } });
console.log('injected', injected.statusCode, injected.body);
console.log(hooks.join());
await app.close();
console.log('closed');
