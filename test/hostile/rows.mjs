// Calls that, in plain Node, end in a tick of Node's: rows as those of the cancellation table.
import dns from 'node:dns';
import { once } from 'node:events';
import { closeSync, opendirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import * as consumers from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { LifoQueue, PriorityQueue, Queue } from 'aevent/queue';
import { Lock, RLock } from 'aevent/threading';

const host = '127.0.0.1';

/** What the call throws has that code. */
function failing(code, call) {
  try {
    call();
  } catch (error) {
    if (error.code === code) return;
    throw error;
  }
  throw new Error(`no ${code}`);
}

const equal = (is, expected) => {
  if (is !== expected) throw new Error(`${is} instead of ${expected}`);
};

async function closedPort() {
  const server = net.createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const row = (name, act, more) => ({ name, act, ...more });

export const rows = [
  row(
    'net.connectSync that is refused',
    (port) => failing('ECONNREFUSED', () => net.connectSync(port, host)),
    {
      arrange: closedPort,
    },
  ),
  row(
    'net.connectSync to a name that refuses',
    (port) => failing('ECONNREFUSED', () => net.connectSync(port, 'localhost')),
    { arrange: closedPort },
  ),
  row(
    'server.listenSync on a port that is taken',
    ({ port }) => failing('EADDRINUSE', () => net.createServer().listenSync(port, host)),
    {
      arrange: async () => {
        const server = net.createServer().listen(0, host);
        await once(server, 'listening');
        return { server, port: server.address().port };
      },
      after: ({ server }) => void server.close(),
    },
  ),
  row('http.getSync that is refused', (port) => failing('ECONNREFUSED', () => http.getSync({ port, host })), {
    arrange: closedPort,
  }),
  row(
    'http.getSync, and what the response says',
    (state) => {
      const response = http.getSync({ port: state.server.address().port, host, agent: false });
      equal(response.textSync(), 'said'.repeat(50_000));
    },
    {
      arrange: async () => {
        const server = http.createServer((_, response) => response.end('said'.repeat(50_000)));
        await once(server.listen(0, host), 'listening');
        return { server };
      },
      after: ({ server }) => {
        server.close();
        server.closeAllConnections();
      },
    },
  ),
  row('dns.lookupSync of an address', () => equal(dns.lookupSync(host).address, host)),
  row('fs.readFileSync of a descriptor', (fd) => equal(readFileSync(fd).length, 1_000_000), {
    arrange: (directory) => {
      writeFileSync(join(directory, 'file'), Buffer.alloc(1_000_000));
      return openSync(join(directory, 'file'));
    },
    after: (fd) => closeSync(fd),
  }),
  row(
    'a directory that is read to its end',
    (directory) => {
      const dir = opendirSync(directory);
      while (dir.readSync() !== null);
      dir.closeSync();
    },
    { arrange: (directory) => directory },
  ),
  row('a writable that ends', (through) => through.endSync('end'), {
    arrange: () => new PassThrough().resume(),
  }),
  row('what comes through a stream of zlib', (gzip) => equal(consumers.bufferSync(gzip).length > 20, true), {
    arrange: () => createGzip().end('said'),
  }),
  row('readable.readSync of what is there', (source) => equal(String(source.readSync()), 'said'), {
    arrange: () => {
      const chunks = ['said', null];
      return new Readable({
        read() {
          this.push(chunks.shift());
        },
      });
    },
  }),
  row('locks and queues that are made in a task', () => {
    const locks = [new Lock(), new RLock()];
    for (let i = 0; i < locks.length; i++) equal(locks[i].acquire(), true);
    const queues = [new LifoQueue(), new PriorityQueue(), new Queue()];
    for (let i = 0; i < 60; i++) queues[i % 3].put('said');
    for (let i = 0; i < 60; i++) equal(queues[i % 3].get(), 'said');
  }),
  row('writable.writeSync past the high-water mark', (through) => through.writeSync('said'), {
    arrange: () => new PassThrough({ highWaterMark: 1 }).resume(),
  }),
];
