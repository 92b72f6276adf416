// http2 in tasks.
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import http2 from '../../../dist/monkey/facades/http2.js';
import { call } from '../../../dist/runtime/index.js';
import { pause, together } from '../../support/tools.js';

it('handlers of streams and of requests suspend, side by side; streams are read synchronously', async () => {
  let inside = 0;
  let most = 0;
  const slowly = (): void => {
    most = Math.max(most, ++inside);
    while (most === 1) pause();
    inside--;
  };
  const streams = await call(() =>
    http2.createServer().on('stream', (stream, headers) => {
      let body = '';
      for (const chunk of stream) body += String(chunk);
      slowly();
      stream.respond({ ':status': 200 });
      stream.endSync(`${headers[':path']} ${body}`);
    }),
  );
  const requests = await call(() =>
    http2.createServer((request, response) => {
      request.on('end', () => {
        slowly();
        response.end(request.url);
      });
      request.resume();
    }),
  );
  for (const [server, expected] of [
    [streams, (i: number) => `/${i} body`],
    [requests, (i: number) => `/${i}`],
  ] as const) {
    most = 0;
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const session = await call(() =>
      http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
    const replies = await together(10, (i) => {
      const stream = session.request({ ':path': `/${i}`, ':method': 'POST' });
      stream.endSync('body');
      let reply = '';
      for (const chunk of stream) reply += String(chunk);
      return reply;
    });
    expect(replies).toEqual(Array.from({ length: 10 }, (_, i) => expected(i)));
    expect(most).toBeGreaterThan(1);
    await call(() => session.on('close', () => pause()));
    session.close();
    server.close();
  }
});

it('endSync() right after the last of the request has been read ends the response', async () => {
  const ended: unknown[] = [];
  const server = await call(() =>
    http2.createServer().on('stream', (stream, headers) => {
      let body = '';
      for (const chunk of stream) body += String(chunk);
      stream.respond({ ':status': 200 });
      const reply = `${headers[':path']} ${body}`;
      if (headers[':path'] === '/0') stream.end(reply);
      ended.push(stream.endSync(headers[':path'] === '/0' ? undefined : reply));
    }),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const replies = await call(() => {
    const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const found = [0, 1, 2].map((i) => {
      const stream = session.request({ ':path': `/${i}`, ':method': 'POST' });
      stream.endSync('body');
      return stream.readLineSync();
    });
    session.close();
    return found;
  });
  expect(replies).toEqual(['/0 body', '/1 body', '/2 body']);
  await new Promise((closed) => server.close(closed));
  expect(ended).toEqual([undefined, undefined, undefined]);
});
