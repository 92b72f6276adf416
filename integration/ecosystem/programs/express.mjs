// Express 5: middleware, parameters, bodies, streams, errors of both kinds.
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';

const dir = mkdtempSync(join(tmpdir(), 'aevent-express-'));
writeFileSync(join(dir, 'page.txt'), 'a page\n'.repeat(20_000));

const app = express();
app.use(express.json());
app.use((_request, response, next) => {
  response.setHeader('x-seen-by', 'middleware');
  next();
});
app.get('/hello/:name', (request, response) => response.send(`hello ${request.params.name}`));
app.post('/sum', (request, response) => response.json({ sum: request.body.reduce((a, b) => a + b, 0) }));
app.get('/stream', (_request, response) => createReadStream(join(dir, 'page.txt')).pipe(response));
app.get('/later', async (_request, response) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  response.status(202).send('later');
});
app.get('/throws', () => {
  throw new RangeError('thrown');
});
app.get('/rejects', () => Promise.reject(new RangeError('rejected')));
app.use('/files', express.static(dir));
app.use((error, _request, response, _next) => response.status(500).json({ error: String(error) }));

const server = app.listen(0);
await once(server, 'listening');
const at = `http://127.0.0.1:${server.address().port}`;

async function ask(path, options) {
  const response = await fetch(at + path, options);
  const headers = [...response.headers].filter(([name]) => !/^(date|etag|last-modified)$/.test(name));
  const body = await response.text();
  console.log(path, response.status, headers.sort().join('; '), body.length, body.slice(0, 80).trim());
}

await ask('/hello/world');
await ask('/sum', { method: 'POST', body: '[1,2,3]', headers: { 'content-type': 'application/json' } });
await ask('/sum', { method: 'POST', body: '[1,', headers: { 'content-type': 'application/json' } });
for (const path of ['/stream', '/later', '/throws', '/rejects', '/files/page.txt', '/files/none', '/none']) {
  await ask(path);
}
const many = await Promise.all(
  Array.from({ length: 50 }, async (_, i) => (await fetch(`${at}/hello/${i}`)).text()),
);
console.log(many.join());
server.closeAllConnections();
server.close(() => console.log('closed'));
rmSync(dir, { recursive: true });
