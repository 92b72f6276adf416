// Callbacks that the event loop calls. Each is entered in place, as aevent enters a task's callbacks.
import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import dns from 'node:dns';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import readline from 'node:readline';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { BroadcastChannel, MessageChannel, Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import aevent from 'aevent';
import { viaLoop, wait } from '../rig.mjs';

/** A case whose callback Node calls as (error, result). */
const nodeStyle = (name, start, expected, needs = true) => ({
  name,
  needs,
  run: (stop, id) =>
    viaLoop(
      (callback) => start(callback, id),
      (error, result) => {
        if (error) throw error;
        return stop(result);
      },
    ),
  expected,
});

let worker;
/** One Worker for all: it answers each port with what it got. */
function echo(port, message) {
  worker ??= new Worker(
    `require('node:worker_threads').parentPort.on('message', ({ port, message }) => {
       port.postMessage(message); port.close(); })`,
    { eval: true, execArgv: [] },
  );
  worker.unref();
  worker.postMessage({ port, message }, [port]);
}

export default [
  {
    name: 'setTimeout, setImmediate and setInterval',
    run(stop, id) {
      const seen = [
        viaLoop((callback) => setTimeout(callback, 1, id), stop),
        viaLoop((callback) => setImmediate(callback, id), stop),
      ];
      let interval;
      seen.push(
        viaLoop(
          (callback) => (interval = setInterval(callback, 1, id)),
          (value) => (clearInterval(interval), stop(value)),
        ),
      );
      return seen;
    },
    expected: (id) => [id, id, id],
  },
  {
    name: 'process.nextTick',
    run: (stop, id) => viaLoop((callback) => process.nextTick(callback, id), stop),
    expected: (id) => id,
  },
  nodeStyle(
    'fs: stat and readFile callbacks',
    (callback) =>
      fs.readFile(import.meta.filename, 'utf8', (error, text) => callback(error, text?.slice(0, 2))),
    '//',
  ),
  nodeStyle(
    'fs: opendir, access and mkdtemp callbacks',
    (callback) =>
      fs.mkdtemp(join(tmpdir(), 'aevent-'), (error, dir) => fs.rmdir(dir, () => callback(error, typeof dir))),
    'string',
  ),
  {
    name: 'fs.createReadStream and fs.watch',
    run(stop, id) {
      const first = viaLoop(
        (callback, reject) =>
          fs
            .createReadStream(import.meta.filename, { end: 1 })
            .once('data', callback)
            .once('error', reject),
        (chunk) => stop(String(chunk)),
      );
      let watcher;
      const file = join(fs.mkdtempSync(join(tmpdir(), 'aevent-')), 'x');
      fs.writeFileSync(file, '');
      const event = viaLoop((callback) => {
        watcher = fs.watch(file, callback);
        fs.writeFileSync(file, 'x');
      }, stop);
      watcher.close();
      fs.rmSync(join(file, '..'), { recursive: true });
      return [first, event, id];
    },
    expected: (id) => ['//', 'change', id],
  },
  {
    name: 'fs.cpSync with a filter',
    run(stop, id) {
      const dir = fs.mkdtempSync(join(tmpdir(), 'aevent-'));
      fs.mkdirSync(join(dir, 'a'));
      fs.writeFileSync(join(dir, 'a/x'), `${id}`);
      const seen = [];
      fs.cpSync(join(dir, 'a'), join(dir, 'b'), {
        recursive: true,
        filter: (from) => stop(seen.push(from) > 0),
      });
      const copied = fs.readFileSync(join(dir, 'b/x'), 'utf8');
      fs.rmSync(dir, { recursive: true });
      return [copied, seen.length];
    },
    expected: (id) => [`${id}`, 2],
  },
  nodeStyle(
    'zlib: deflate, brotli and inflate callbacks',
    (callback, id) =>
      zlib.deflate(`${id}`, (error, data) =>
        error ? callback(error) : zlib.inflate(data, (again, out) => callback(again, String(out))),
      ),
    (id) => `${id}`,
  ),
  {
    name: 'zlib streams',
    run(stop, id) {
      const gzip = zlib.createGzip();
      const chunks = [];
      wait(
        new Promise((resolve, reject) => {
          gzip
            .on('data', (chunk) => chunks.push(chunk))
            .on('end', resolve)
            .on('error', reject);
          gzip.write(stop(`${id}`));
          gzip.flush(() => {
            gzip.end();
          });
        }),
      );
      return String(zlib.gunzipSync(Buffer.concat(chunks)));
    },
    expected: (id) => `${id}`,
  },
  nodeStyle(
    'crypto: randomBytes, pbkdf2 and scrypt callbacks',
    (callback, id) =>
      crypto.pbkdf2('x', 's', id, 8, 'sha1', (error, key) =>
        error
          ? callback(error)
          : crypto.randomBytes(id, (again, bytes) => callback(again, [key.length, bytes.length])),
      ),
    (id) => [8, id],
  ),
  nodeStyle(
    'crypto: generateKeyPair, sign and hkdf callbacks',
    (callback) =>
      crypto.generateKeyPair('ed25519', (error, _, key) =>
        error
          ? callback(error)
          : crypto.sign(null, Buffer.from('x'), key, (again, signature) => callback(again, signature.length)),
      ),
    64,
  ),
  {
    name: 'crypto: WebCrypto and a Hash stream',
    async run(stop, id) {
      const digest = await crypto.subtle.digest('SHA-1', Buffer.from(stop(`${id}`)));
      const hash = crypto.createHash('sha1');
      hash.update(stop(`${id}`));
      return stop(Buffer.from(digest).toString('hex')) === hash.digest('hex');
    },
    expected: true,
  },
  nodeStyle('dns.lookup callback', (callback) => dns.lookup('127.0.0.1', callback), '127.0.0.1'),
  nodeStyle(
    'child_process: execFile callback and exit',
    (callback, id) => execFile('echo', [`${id}`], (error, out) => callback(error, out?.trim())),
    (id) => `${id}`,
  ),
  {
    name: 'MessagePort: messages, and receiving in a task',
    run(stop, id) {
      const { port1, port2 } = new MessageChannel();
      port2.postMessage(id);
      const got = viaLoop((callback) => port1.once('message', callback), stop);
      const closed = viaLoop(
        (callback) => {
          port1.on('close', callback);
          port2.close();
        },
        () => stop('closed'),
      );
      return [got, closed];
    },
    expected: (id) => [id, 'closed'],
  },
  {
    name: 'BroadcastChannel',
    run(stop, id) {
      const one = new BroadcastChannel(`torture${id}`);
      const two = new BroadcastChannel(`torture${id}`);
      const got = viaLoop(
        (callback) => {
          one.onmessage = callback;
          two.postMessage(id);
        },
        ({ data }) => stop(data),
      );
      one.close();
      two.close();
      return got;
    },
    expected: (id) => id,
  },
  {
    name: 'Worker messages',
    run(stop, id) {
      const { port1, port2 } = new MessageChannel();
      return viaLoop((callback) => {
        port1.once('message', callback);
        echo(port2, { id });
      }, stop);
    },
    expected: (id) => ({ id }),
  },
  {
    name: 'readline: line and close',
    run(stop, id) {
      const input = new PassThrough();
      const lines = readline.createInterface({ input });
      const seen = [];
      lines.on('line', (line) => seen.push(stop(line)));
      const closed = viaLoop(
        (callback) => {
          lines.on('close', callback);
          input.end(`${id}\nb\n`);
        },
        () => stop('closed'),
      );
      // Listeners run in tasks: 'close' is emitted, and may end, before those of 'line' have ended, in any order.
      while (seen.length < 2) stop();
      return [seen.sort(), closed];
    },
    expected: (id) => [[`${id}`, 'b'], 'closed'],
  },
  {
    name: 'PerformanceObserver',
    run(stop, id) {
      let observer;
      const seen = viaLoop(
        (callback) => {
          observer = new PerformanceObserver((list) => {
            const [entry] = list.getEntriesByName(`torture${id}`);
            if (entry) callback(entry);
          });
          observer.observe({ entryTypes: ['mark'] });
          performance.mark(`torture${id}`);
        },
        ({ name }) => stop(name),
      );
      observer.disconnect();
      performance.clearMarks(`torture${id}`);
      return seen;
    },
    expected: (id) => `torture${id}`,
  },
  {
    name: 'a signal handler',
    run(stop, id) {
      let handler;
      const seen = viaLoop((callback) => {
        handler = callback;
        process.on('SIGUSR2', handler);
        process.kill(process.pid, 'SIGUSR2');
      }, stop);
      process.off('SIGUSR2', handler);
      return [seen, id];
    },
    expected: (id) => ['SIGUSR2', id],
  },
  {
    name: 'node:test: the bodies of tests',
    async run(stop, id) {
      const log = [];
      await test(
        `torture${id}`,
        aevent.wrap((t) => {
          log.push(stop('outer'));
          wait(
            t.test(
              'inner',
              aevent.wrap(() => log.push(stop(id))),
            ),
          );
        }),
      );
      return log;
    },
    expected: (id) => ['outer', id],
  },
];
