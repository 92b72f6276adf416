// The methods of a stream that Node calls, from the event loop mostly: they are entered in place, as aevent enters the
// callbacks that belong to a task.
import { Duplex, finished, PassThrough, pipeline, Readable, Transform, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { entered, wait } from '../rig.mjs';

/** Writes `chunks`, ends, and waits for 'close'. */
function writeAll(stream, chunks) {
  wait(
    new Promise((resolve, reject) => {
      stream.on('close', resolve).on('error', reject);
      for (const chunk of chunks) stream.write(chunk);
      stream.end();
    }),
  );
}

/** Methods of a stream, each of which logs its name and suspends before it is done. */
const methods = (stop, log, names) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      entered((...args) => {
        log.push(stop(name));
        args.at(-1)(name === 'destroy' ? args[0] : null);
      }),
    ]),
  );

export default [
  {
    name: 'Readable: _read, and listeners of data and end',
    run(stop, id) {
      let left = 3;
      const readable = new Readable({
        read: entered(function () {
          this.push(stop(left-- > 0 ? `${id}` : null));
        }),
      });
      const seen = [];
      wait(
        new Promise((resolve, reject) => {
          readable.on(
            'data',
            entered((chunk) => seen.push(stop(String(chunk)))),
          );
          readable.on(
            'end',
            entered(() => resolve(stop(0))),
          );
          readable.on('error', reject);
        }),
      );
      stop(0);
      return seen.length > 0 && seen.every((chunk) => chunk.startsWith(`${id}`));
    },
    expected: true,
  },
  {
    name: 'Readable: _read below read(), in a task',
    run(stop, id) {
      const readable = new Readable({
        objectMode: true,
        highWaterMark: 0,
        read() {
          this.push(stop(id));
        },
      });
      // The first one reads ahead, in a tick: in no task.
      const seen = [stop(readable.read())];
      readable.destroy();
      return seen;
    },
    expected: (id) => [id],
  },
  {
    name: 'Readable: paused mode, unshift and async iteration',
    async run(stop, id) {
      const readable = new Readable({ objectMode: true, highWaterMark: 1, read() {} });
      readable.push(id);
      const first = stop(readable.read());
      readable.push(id + 1);
      readable.unshift(stop(0));
      readable.push(null);
      const rest = [];
      for await (const chunk of readable) rest.push(stop(chunk));
      return [first, rest];
    },
    expected: (id) => [id, [0, id + 1]],
  },
  {
    name: 'Readable.from an async generator, map, filter and reduce',
    async run(stop, id) {
      const source = () =>
        Readable.from(
          (async function* () {
            await null;
            yield id;
            yield id + 1;
          })(),
        );
      const mapped = await source()
        .map(async (n) => n * 2)
        .toArray();
      return [mapped.map((n) => stop(n)), stop(await source().reduce((a, b) => a + b, 0))];
    },
    expected: (id) => [[2 * id, 2 * id + 2], 2 * id + 1],
  },
  {
    name: 'Writable: _construct, _write, _final and _destroy',
    run(stop) {
      const log = [];
      writeAll(new Writable(methods(stop, log, ['construct', 'write', 'final', 'destroy'])), ['a', 'b']);
      return log;
    },
    expected: ['construct', 'write', 'write', 'final', 'destroy'],
  },
  {
    name: 'Writable: _writev',
    run(stop, id) {
      const log = [];
      const writable = new Writable({
        ...methods(stop, log, ['construct']),
        writev: entered((chunks, done) => {
          log.push(stop(chunks.map(({ chunk }) => String(chunk)).join('')));
          done();
        }),
      });
      // A slice between two writes would have it constructed in time to write the first alone.
      writable.cork();
      writeAll(writable, [`${id}`, 'b', 'c']);
      return log;
    },
    expected: (id) => ['construct', `${id}bc`],
  },
  {
    name: 'Writable: _write below write(), in a task',
    run(stop, id) {
      const seen = [];
      const writable = new Writable({
        write(chunk, _, done) {
          seen.push(stop(String(chunk)));
          done();
        },
      });
      writable.write(`${id}`);
      writable.write('b');
      writable.destroy();
      return seen;
    },
    expected: (id) => [`${id}`, 'b'],
  },
  {
    name: 'Transform: _transform and _flush',
    run(stop, id) {
      const transform = new Transform({
        transform: entered((chunk, _, done) => done(null, stop(`<${chunk}>`))),
        flush: entered((done) => done(null, stop('end'))),
      });
      transform.write(`${id}`);
      transform.end('b');
      return wait(text(transform));
    },
    expected: (id) => `<${id}><b>end`,
  },
  {
    name: 'Duplex.from, and finished',
    async run(stop, id) {
      const doubled = Duplex.from(async function* (source) {
        for await (const chunk of source) yield String(chunk) + chunk;
      });
      const ended = new Promise((resolve) => {
        finished(
          doubled,
          entered((error) => resolve(stop(error ?? 'ended'))),
        );
      });
      doubled.end(stop(`${id}`));
      return [stop(await text(doubled)), await ended];
    },
    expected: (id) => [`${id}${id}`, 'ended'],
  },
  {
    name: 'pipeline into a slow sink, and its callback',
    run(stop, id) {
      const seen = [];
      const sink = new Writable({
        objectMode: true,
        write: entered((chunk, _, done) => {
          seen.push(stop(String(chunk)));
          done();
        }),
      });
      const error = wait(
        new Promise((resolve) => {
          pipeline(
            Readable.from([`${id}`, 'b']),
            sink,
            entered((failure) => resolve(stop(failure))),
          );
        }),
      );
      return [seen, error ?? 'no error'];
    },
    expected: (id) => [[`${id}`, 'b'], 'no error'],
  },
  {
    name: 'pipe and its events, in a task',
    run(stop, id) {
      const log = [];
      const source = new PassThrough();
      const sink = new PassThrough();
      sink.on('pipe', () => log.push(stop('pipe')));
      sink.on('unpipe', () => log.push(stop('unpipe')));
      source.pipe(sink);
      source.unpipe(sink);
      sink.end(stop(`${id}`));
      return [wait(text(sink)), log];
    },
    expected: (id) => [`${id}`, ['pipe', 'unpipe']],
  },
];
