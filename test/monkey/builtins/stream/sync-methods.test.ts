// What streams never had: reading and writing that waits. On Node's own streams and sockets.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import '../../../../dist/monkey/builtins/stream/sync-methods.js';
import { await_, call, createTaskGroup, runner } from '../../../../dist/runtime/index.js';
import { pause, thrownBy, turn } from '../../../support/tools.js';

/** A stream into which `feed` writes, a turn of the event loop after the last. */
function fed(...chunks: (string | Buffer)[]): PassThrough {
  const stream = new PassThrough();
  void (async () => {
    for (const chunk of chunks) {
      await turn();
      stream.write(chunk);
    }
    await turn();
    stream.end();
  })();
  return stream;
}

describe('readSync', () => {
  it('gives what comes, as it comes, then null for ever', () =>
    call(() => {
      const stream = fed('a', 'bc');
      expect(String(stream.readSync())).toBe('a');
      expect(String(stream.readSync())).toBe('bc');
      expect(stream.readSync()).toBe(null);
      expect(stream.readSync()).toBe(null);
    }));

  it('gives no more than asked for, and leaves the rest', () =>
    call(() => {
      const stream = fed('abcdef');
      expect(String(stream.readSync(4))).toBe('abcd');
      expect(String(stream.readSync(4))).toBe('ef');
      expect(stream.readSync(0)).toEqual(Buffer.alloc(0));
      expect(stream.readSync(4)).toBe(null);
    }));

  it.each(['a pipe', 'a socket'])(
    'leaves to others what is left, though the end came with it: %s',
    async (how) => {
      const server = net.createServer((socket) => socket.end('a\nb\nc\n'));
      await new Promise<void>((listening) => server.listen(0, listening));
      const { port } = server.address() as net.AddressInfo;
      const stream =
        how === 'a socket' ? net.connect(port) : spawn('sh', ['-c', 'echo a; echo b; echo c']).stdout;
      expect(await call(() => stream.readLineSync())).toBe('a');
      expect(await text(stream)).toBe('b\nc\n');
      server.close();
    },
  );

  it('gives strings of a stream with an encoding, objects in object mode', () =>
    call(() => {
      const text = fed('é').setEncoding('utf8');
      expect(text.readSync()).toBe('é');
      expect([...Readable.from([1, { two: 2 }])]).toEqual([1, { two: 2 }]);
    }));

  it('throws the stream’s error after what was buffered before', () =>
    call(() => {
      const stream = new PassThrough();
      stream.write('before');
      setImmediate(() => stream.destroy(new Error('broken')));
      expect(String(stream.readSync())).toBe('before');
      expect(thrownBy(() => stream.readSync())).toMatchObject({ message: 'broken' });
      expect(thrownBy(() => stream.readSync())).toMatchObject({ message: 'broken' });
    }));

  it('throws ERR_STREAM_DESTROYED when the stream is destroyed before or in the wait', () =>
    call(() => {
      const stream = new PassThrough();
      setImmediate(() => stream.destroy());
      expect(thrownBy(() => stream.readSync())).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
      expect(thrownBy(() => stream.readSync())).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    }));

  it.each([
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses the size %j with %s', (size, code) =>
    call(() => {
      for (const method of ['readSync', 'readExactlySync'] as const)
        expect(thrownBy(() => new PassThrough()[method](size as number))).toMatchObject({ code });
    }),
  );

  it('needs a portal only where it would wait', () => {
    const stream = new PassThrough();
    expect(thrownBy(() => stream.readSync())).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    stream.write('there');
    expect(String(stream.readSync())).toBe('there');
  });

  it('is refused to a second reader, and to one of a stream that flows', () =>
    runner((tasks) => {
      const stream = new PassThrough();
      tasks.spawn(() => expect(String(stream.readSync())).toBe('for the first'));
      tasks.spawn(() => {
        expect(thrownBy(() => stream.readSync())).toMatchObject({ code: 'AEVENT_BUSY_RESOURCE' });
        stream.write('for the first');
      });
      const flowing = new PassThrough().resume();
      expect(thrownBy(() => flowing.readSync())).toMatchObject({ code: 'AEVENT_BUSY_RESOURCE' });
    }));

  it('leaves no listener but that for errors, and the stream can flow afterwards', () =>
    call(() => {
      const stream = fed('first', 'second');
      expect(String(stream.readSync())).toBe('first');
      expect(stream.listenerCount('readable') + stream.listenerCount('close')).toBe(0);
      const seen: string[] = [];
      stream.on('data', (chunk) => seen.push(String(chunk)));
      await_(turn(4));
      expect(seen).toEqual(['second']);
    }));

  it('loses nothing when it is cancelled', () =>
    call(() => {
      const stream = new PassThrough();
      for (const method of ['readSync', 'readExactlySync', 'readLineSync'] as const) {
        const tasks = createTaskGroup();
        const scope = tasks.spawn(() => stream[method](5));
        pause(2);
        if (method !== 'readSync') stream.write('ab');
        pause(2);
        scope.cancel();
        tasks[Symbol.dispose]();
      }
      stream.end('c\n');
      expect(stream.readLineSync()).toBe('ababc');
    }));
});

describe('readExactlySync', () => {
  it('collects, over chunks, also more than the high-water mark', () =>
    call(() => {
      const big = Buffer.alloc(200_000, 'x');
      const stream = fed('ab', big, 'cd');
      expect(String(stream.readExactlySync(3))).toBe('abx');
      expect(stream.readExactlySync(199_999)).toEqual(big.subarray(1));
      expect(String(stream.readExactlySync(2))).toBe('cd');
    }));

  it('throws at an early end what had come', () =>
    call(() => {
      const error = thrownBy(() => fed('ab', 'c').readExactlySync(5)) as { code: string; partial: Buffer };
      expect(error.code).toBe('AEVENT_INCOMPLETE_READ');
      expect(String(error.partial)).toBe('abc');
    }));

  it('keeps what had come when the stream breaks', () =>
    call(() => {
      const stream = new PassThrough();
      stream.write('ab');
      setImmediate(() => stream.destroy(new Error('broken')));
      expect(thrownBy(() => stream.readExactlySync(5))).toMatchObject({ message: 'broken' });
      expect(String(stream.readSync())).toBe('ab');
      expect(thrownBy(() => stream.readSync())).toMatchObject({ message: 'broken' });
    }));
});

describe('readLineSync', () => {
  it('splits at line feeds wherever the chunks end', () =>
    call(() => {
      const stream = fed(
        'one\ntw',
        'o\r',
        '\n\nthr',
        Buffer.from('é').subarray(0, 1),
        Buffer.from('é').subarray(1),
      );
      const lines: (string | null)[] = [];
      do lines.push(stream.readLineSync());
      while (lines.at(-1) !== null);
      expect(lines).toEqual(['one', 'two', '', 'thré', null]);
    }));
});

describe('iteration', () => {
  it('is there where something can be suspended, and may be replaced', async () => {
    const stream = fed('a', 'b');
    expect(() => [...stream]).toThrow(/not iterable/);
    expect(stream[Symbol.iterator]).toBeUndefined();
    expect(await call(() => [...stream].join())).toBe('a,b');
    const own = (): Generator<never> => [][Symbol.iterator]() as never;
    stream[Symbol.iterator] = own;
    expect(stream[Symbol.iterator]).toBe(own);
  });

  it('destroys the stream when it is left early, as for await does', () =>
    call(() => {
      const stream = fed('a', 'b');
      for (const chunk of stream) {
        expect(String(chunk)).toBe('a');
        break;
      }
      expect(stream.destroyed).toBe(true);
    }));
});

describe('writeSync and endSync', () => {
  it('wait for the high-water mark, and for the last byte', () =>
    call(() => {
      const written: string[] = [];
      const slow = new Writable({
        highWaterMark: 4,
        write(chunk, _, done) {
          setImmediate(() => {
            written.push(String(chunk));
            done();
          });
        },
      });
      slow.writeSync('ab');
      expect(written).toEqual([]);
      slow.writeSync('cd');
      expect(written).toEqual(['ab', 'cd']);
      slow.endSync('e');
      expect(written).toEqual(['ab', 'cd', 'e']);
      slow.endSync();
      expect(thrownBy(() => slow.writeSync('f'))).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    }));

  it('throw after the end, for a bad chunk, and the error that broke the stream', () =>
    call(() => {
      const ended = new PassThrough();
      ended.end();
      expect(thrownBy(() => ended.writeSync('x'))).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
      expect(thrownBy(() => new PassThrough().writeSync(5))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
      const broken = new Writable({
        highWaterMark: 1,
        write: (_chunk, _encoding, done) => void setImmediate(() => done(new Error('no space'))),
      });
      expect(thrownBy(() => broken.writeSync('x'))).toMatchObject({ message: 'no space' });
      expect(thrownBy(() => broken.endSync())).toMatchObject({ message: 'no space' });
    }));
});

describe('on a socket', () => {
  it('talk line by line, half-open; a reset is an error for its reader, and nobody else’s', async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      void call(() => {
        for (let line = socket.readLineSync(); line !== null; line = socket.readLineSync())
          socket.writeSync(`${line}!\n`);
        socket.endSync('bye');
      }).catch(() => {});
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as net.AddressInfo;
    await call(() => {
      const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      client.writeSync('hello\n');
      expect(client.readLineSync()).toBe('hello!');
      client.endSync('half');
      expect(client.readLineSync()).toBe('half!');
      expect(client.readLineSync()).toBe('bye');
      expect(client.readLineSync()).toBe(null);

      const reset = net.connect({ port, host: '127.0.0.1' });
      reset.writeSync('x\n');
      expect(reset.readLineSync()).toBe('x!');
      setImmediate(() => reset.resetAndDestroy());
      expect(thrownBy(() => reset.readSync())).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });

      const refused = net.connect(1, '127.0.0.1');
      expect(thrownBy(() => refused.readSync())).toMatchObject({ code: 'ECONNREFUSED' });

      const silent = net.connect({ port, host: '127.0.0.1' }).setTimeout(20);
      expect(thrownBy(() => silent.readSync())).toMatchObject({ code: 'ETIMEDOUT', syscall: 'read' });
      expect(silent.destroyed).toBe(false);
      silent.destroy();
    });
    server.close();
  });
});

it('are there for every kind of stream, not enumerable', () => {
  for (const prototype of [Readable.prototype, Duplex.prototype, net.Socket.prototype]) {
    expect('readLineSync' in prototype).toBe(true);
    expect(Object.keys(prototype)).not.toContain('readLineSync');
  }
  expect('endSync' in Duplex.prototype).toBe(true);
});
