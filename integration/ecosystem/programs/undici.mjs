// undici: request, fetch, stream, pipeline, pools, errors, aborting.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { Agent, Client, fetch, Pool, request, stream } from 'undici';

const server = createServer((incoming, response) => {
  if (incoming.url === '/slow') setTimeout(() => response.end('slow'), 2_000).unref();
  else if (incoming.url === '/echo') incoming.pipe(response);
  else if (incoming.url === '/reset') incoming.socket.destroy();
  else if (incoming.url === '/redirect') response.writeHead(302, { location: '/target' }).end();
  else response.setHeader('x-url', incoming.url).end(`you asked for ${incoming.url}`);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;
const dispatcher = new Agent({ connections: 3 });

const { statusCode, headers, body } = await request(`${origin}/a`, { dispatcher });
console.log(statusCode, headers['x-url'], await body.text());
const echoed = await request(`${origin}/echo`, { dispatcher, method: 'POST', body: 'x'.repeat(300_000) });
console.log((await echoed.body.arrayBuffer()).byteLength);
const response = await fetch(`${origin}/redirect`, { dispatcher });
console.log(response.status, response.redirected, await response.text());
let streamed = '';
const sink = () =>
  new Writable({
    write: (chunk, _, done) => {
      streamed += chunk;
      done();
    },
  });
await stream(`${origin}/streamed`, { dispatcher, method: 'GET' }, sink);
console.log(streamed);
const controller = new AbortController();
setTimeout(() => controller.abort(), 20);
await request(`${origin}/slow`, { dispatcher, signal: controller.signal }).catch(({ name }) =>
  console.log(name),
);
await request(`${origin}/slow`, { dispatcher, headersTimeout: 50 }).catch(({ code }) => console.log(code));
await request(`${origin}/reset`, { dispatcher }).catch(({ code }) => console.log(code));
await request('http://127.0.0.1:1/').catch(({ code }) => console.log(code));
const pool = new Pool(origin, { connections: 4, pipelining: 2 });
const many = Array.from({ length: 40 }, async (_, i) =>
  (await pool.request({ path: `/${i}`, method: 'GET' })).body.text(),
);
console.log((await Promise.all(many)).join());
const client = new Client(origin);
const json = await client.request({ path: '/echo', method: 'POST', body: '{"a":1}' });
console.log(await json.body.json());
await Promise.all([pool.close(), client.close(), dispatcher.destroy()]);
server.closeAllConnections();
server.close(() => console.log('closed'));
