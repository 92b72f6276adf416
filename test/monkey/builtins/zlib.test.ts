// zlib: the same results and errors as natively, from the thread pool.
import type { Transform } from 'node:stream';
import type * as node from 'node:zlib';
import { describe, expect, it } from 'vitest';
import replaced from '../../../dist/monkey/facades/zlib.js';
import { CancelScope, call, createTaskGroup, native, setup } from '../../../dist/runtime/index.js';
import { pause, thrownBy } from '../../support/tools.js';
import { letsOthersRun, loopTurnsDuring, nativelyAndInTask } from '../native-and-task.js';

type Zlib = typeof node;
type Anything = (...args: unknown[]) => unknown;

const real = process.getBuiltinModule('node:zlib') as Zlib;
const any = (zlib: Zlib): Record<string, Anything> => zlib as never;

/** Text that compresses about as well as text does. */
function text(bytes: number): Buffer {
  const words = Array.from({ length: 4096 }, (_, i) => ((i * 2654435761) >>> 0).toString(36));
  let state = 1;
  const found: string[] = [];
  for (let length = 0; length < bytes; ) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const word = words[state >>> 20] as string;
    found.push(word);
    length += word.length + 1;
  }
  return Buffer.from(found.join(' ')).subarray(0, bytes);
}

const small = text(1000);
const large = text(400_000);
const much = text(2_000_000);
const zeros = Buffer.alloc(1_000_000);
const dictionary = text(500);
const pairs = [
  ['deflate', 'inflate'],
  ['deflateRaw', 'inflateRaw'],
  ['gzip', 'gunzip'],
  ['gzip', 'unzip'],
  ['deflate', 'unzip'],
  ['brotliCompress', 'brotliDecompress'],
  ['zstdCompress', 'zstdDecompress'],
].filter(([name]) => `${name}Sync` in real) as [string, string][];
const quick = { params: { [real.constants.BROTLI_PARAM_QUALITY]: 3 } };
const optionsFor = (name: string): object => (name.startsWith('brotli') ? quick : {});

const sync = (zlib: Zlib, name: string): Anything => any(zlib)[`${name}Sync`] as Anything;
const compressed = (name: string, data: Buffer): Buffer => sync(real, name)(data, optionsFor(name)) as Buffer;

const inputs: [string, unknown][] = [
  ['nothing', ''],
  ['text', small.toString()],
  ['a small Buffer', small],
  ['a large Buffer', large],
  ['many zeros', zeros],
  ['a part of an ArrayBuffer', new Uint16Array(large.buffer.slice(0), 100, 50_000)],
  ['a DataView', new DataView(new ArrayBuffer(100))],
  ['an ArrayBuffer', new ArrayBuffer(200_000)],
  ['a number', 5],
  ['undefined', undefined],
];

describe.each(pairs)('%sSync and %sSync', (compress, expand) => {
  it.each(inputs)('of %s: the same as natively', async (_, data) => {
    const options = optionsFor(compress);
    const hash = (value: unknown): unknown =>
      real.crc32?.(value as Buffer) ?? (value as Buffer).toString('base64');
    const packed = await nativelyAndInTask(real, replaced, (z) => hash(sync(z, compress)(data, options)));
    expect(packed.task).toEqual(packed.native);
    const packedData =
      typeof data === 'number' || data === undefined ? data : sync(real, compress)(data, options);
    const unpacked = await nativelyAndInTask(real, replaced, (z) => hash(sync(z, expand)(packedData)));
    expect(unpacked.task).toEqual(unpacked.native);
  });

  const packed = compressed(compress, large);
  const broken = Buffer.from(packed);
  broken.fill(0x55, 50_000, 50_100);
  const cut = packed.subarray(0, packed.length - 1000);
  const flush = expand.startsWith('brotli') || expand.startsWith('zstd') ? 1 : real.constants.Z_SYNC_FLUSH;
  const odd: [string, unknown, object?][] = [
    ['what is broken', broken],
    ['what is broken from the start', Buffer.from('this is not compressed at all')],
    ['what is cut off', cut],
    ['a few bytes', packed.subarray(0, 5)],
    ['what is cut off, as far as it goes', cut, { finishFlush: flush }],
    ['what something follows', Buffer.concat([packed, Buffer.from('garbage')])],
    ['two in a row', Buffer.concat([packed, packed])],
    ['more than is allowed', packed, { maxOutputLength: 200_000 }],
    ['as much as is allowed', packed, { maxOutputLength: large.length }],
    ['in tiny chunks', compressed(compress, small), { chunkSize: 64 }],
    ['in one chunk', packed, { chunkSize: 500_000 }],
    ['with a chunk size that is none', packed, { chunkSize: 1 }],
    ['with a flush that is none', packed, { finishFlush: 77 }],
    ['garbage forbidden', Buffer.concat([packed, Buffer.from('x')]), { rejectGarbageAfterEnd: true }],
    ['with null for options', packed, null as never],
  ];
  it.each(odd)('%s: the same as natively', async (_, data, options) => {
    const { native: expected, task } = await nativelyAndInTask(real, replaced, (z) => {
      const found = sync(z, expand)(data, options) as Buffer;
      return [found.length, found.subarray(-50).toString()];
    });
    expect(task).toEqual(expected);
  });

  it('with info: the engine, too', async () => {
    const describe = (value: unknown): unknown => {
      const { buffer, engine } = value as { buffer: Buffer; engine: node.Gunzip };
      const { bytesWritten, destroyed } = engine;
      return [buffer.length, engine.constructor.name, bytesWritten, destroyed, engine instanceof Class];
    };
    const Class = any(real)[(expand[0] as string).toUpperCase() + expand.slice(1)] as Anything;
    const run = (z: Zlib): unknown => sync(z, expand)(packed, { info: true });
    const { native: expected, task } = await nativelyAndInTask(real, replaced, run, describe);
    expect(task).toEqual(expected);
  });
});

const withOptions: [string, (zlib: Zlib) => unknown][] = [
  ['a level', (z) => z.deflateSync(large, { level: 1 })],
  ['no compression', (z) => z.deflateSync(large, { level: 0 }).length],
  ['a level that is none', (z) => z.deflateSync(large, { level: 77 })],
  [
    'strategy, memory and window',
    (z) => z.deflateRawSync(large, { strategy: 2, memLevel: 2, windowBits: 9 }),
  ],
  ['a dictionary', (z) => z.deflateSync(large, { dictionary })],
  ['the dictionary', (z) => z.inflateSync(real.deflateSync(large, { dictionary }), { dictionary }).length],
  ['no dictionary', (z) => z.inflateSync(real.deflateSync(large, { dictionary }))],
  ['another one', (z) => z.inflateSync(real.deflateSync(large, { dictionary }), { dictionary: small })],
  ['a dictionary that is none', (z) => z.inflateSync(large, { dictionary: 5 as never })],
  ['flush', (z) => z.gzipSync(large, { finishFlush: z.constants.Z_SYNC_FLUSH })],
  ['brotli at its best', (z) => z.brotliCompressSync(small)],
  ['brotli, a parameter that is none', (z) => z.brotliCompressSync(small, { params: { 999: 1 } })],
  ['zstd at its best', (z) => any(z).zstdCompressSync?.(small, { params: { 100: 19 } })],
];

it.each(withOptions)('%s: the same as natively', async (_, run) => {
  const { native: expected, task } = await nativelyAndInTask(real, replaced, run);
  expect(task).toEqual(expected);
});

describe('what takes long', () => {
  const long: [string, (zlib: Zlib) => unknown][] = [
    ['gzipSync', (z) => z.gzipSync(much, { level: 4 })],
    [
      'gunzipSync',
      (
        (packed) => (z: Zlib) =>
          z.gunzipSync(packed)
      )(real.gzipSync(much, { level: 1 })),
    ],
    [
      'a bomb',
      (
        (packed) => (z: Zlib) =>
          z.inflateSync(packed)
      )(real.deflateSync(Buffer.alloc(10_000_000))),
    ],
    ['brotliCompressSync', (z) => z.brotliCompressSync(much.subarray(0, 40_000))],
  ];
  it.each(long)('%s lets the loop turn', async (_, run) => {
    expect(await loopTurnsDuring(() => run(replaced))).toBeGreaterThan(0);
    expect(await loopTurnsDuring(() => native(() => run(replaced)))).toBe(0);
  });

  it('lets others run, were it one step', async () => {
    const packed = real.deflateSync(much, { level: 1 });
    const run = (): unknown => replaced.inflateSync(packed, { chunkSize: 4_000_000 });
    expect(await letsOthersRun(run)).toBe(true);
    expect(await letsOthersRun(() => native(run))).toBe(false);
  });

  it('runs side by side in several tasks', async () => {
    const inputs = Array.from({ length: 12 }, (_, i) => large.subarray(i * 1000, i * 1000 + 300_000));
    const log: string[] = [];
    await call(() => {
      const tasks = createTaskGroup();
      for (const data of inputs) {
        tasks.spawn(() => {
          log.push('begins');
          const packed = replaced.gzipSync(data);
          expect(packed.equals(real.gzipSync(data))).toBe(true);
          expect(replaced.gunzipSync(packed).equals(data)).toBe(true);
          log.push('ends');
        });
      }
      tasks[Symbol.dispose]();
    });
    expect(log).toEqual([...Array(12).fill('begins'), ...Array(12).fill('ends')]);
  });
});

it('what is small runs natively, under the budget', async () => {
  setup({ maxBlockMs: 60_000 });
  const packed = real.gzipSync(small);
  const run = (): void => {
    replaced.gunzipSync(packed);
    replaced.deflateSync(small);
  };
  try {
    expect(await loopTurnsDuring(run)).toBe(0);
    setup({ policy: { zlib: 'always' } });
    expect(await loopTurnsDuring(run)).toBeGreaterThan(1);
    setup({ policy: { zlib: 'never' } });
    expect(await loopTurnsDuring(() => replaced.gzipSync(large))).toBe(0);
  } finally {
    setup({ maxBlockMs: 1, policy: { zlib: 'auto' } });
  }
});

/** What packages use of Node's engines. */
interface Engine extends Transform {
  _handle: { writeSync(...step: unknown[]): void; reset(): void; close(): void };
  _writeState: Uint32Array;
  _outBuffer: Buffer;
  _processChunk(chunk: Buffer, flushFlag: number): Buffer | Buffer[];
}
function engine(name: 'Gunzip' | 'Inflate' | 'Deflate' | 'Gzip', options?: node.ZlibOptions): Engine {
  const Class: new (options?: object) => Engine = Reflect.get(replaced, name);
  return new Class(options);
}

describe('engines that packages drive', () => {
  const packed = real.gzipSync(large);

  it('as minizlib does: what it makes of Buffer.concat is seen by nobody else', async () => {
    const { concat } = Buffer;
    const driven = (): Buffer => {
      const gunzip = engine('Gunzip');
      Buffer.concat = ((list: Buffer[]) => list) as never;
      try {
        const chunks = gunzip._processChunk(packed, real.constants.Z_FINISH) as Buffer[];
        expect(Array.isArray(chunks)).toBe(true);
        return concat(chunks);
      } finally {
        Buffer.concat = concat;
      }
    };
    let over = 0;
    let seen = 0;
    const results = await call(() => {
      const found: Buffer[] = [];
      const tasks = createTaskGroup();
      for (let i = 0; i < 3; i++) {
        tasks.spawn(() => {
          found.push(driven());
          over++;
        });
      }
      for (; over < 3; seen++) {
        expect(Buffer.concat).toBe(concat);
        pause();
      }
      tasks[Symbol.dispose]();
      return found;
    });
    expect(seen).toBeGreaterThan(0);
    for (const found of results) expect(found.equals(large)).toBe(true);
  });

  it('as pngjs does: an old-style subclass that calls writeSync', async () => {
    function Inflate(this: Engine, options: node.ZlibOptions): void {
      Reflect.apply(replaced.Inflate as never, this, [options]);
    }
    Object.setPrototypeOf(Inflate.prototype, replaced.Inflate.prototype);
    const deflated = real.deflateSync(much, { level: 1 });
    const waited = await letsOthersRun(() => {
      const inflate: Engine = Reflect.construct(Inflate, [{ chunkSize: much.length + 1 }]);
      const { _handle: handle, _outBuffer: output } = inflate;
      handle.writeSync(4, deflated, 0, deflated.length, output, 0, output.length);
      const left = inflate._writeState[0] as number;
      expect(output.subarray(0, output.length - left).equals(much)).toBe(true);
      handle.close();
    });
    expect(waited).toBe(true);
  });

  it('errors are thrown by the call, and heard by nobody before', async () => {
    const broken = Buffer.from(packed);
    broken.fill(0x55, 50_000, 50_100);
    const log: string[] = [];
    await call(() => {
      const gunzip = engine('Gunzip');
      gunzip.on('error', () => log.push('heard'));
      const error = thrownBy(() => gunzip._processChunk(broken, real.constants.Z_FINISH));
      log.push('thrown');
      expect(error).toMatchObject({ code: 'Z_DATA_ERROR', errno: -3 });
      pause(2);
    });
    expect(log).toEqual(['thrown', 'heard']);
  });

  it('one that is closed meanwhile says so', async () => {
    const closing = engine('Gunzip', { chunkSize: 64 });
    const error = call(() => thrownBy(() => closing._processChunk(packed, real.constants.Z_FINISH)));
    await call(() => {
      pause();
      closing.close();
    });
    expect(await error).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
  });

  it('one that is busy refuses everybody else', async () => {
    const gzip = engine('Gzip', { level: 9 });
    const { _handle: handle } = gzip;
    const first = call(() => gzip._processChunk(large, real.constants.Z_FINISH) as Buffer);
    await call(() => {
      const busy = { code: 'AEVENT_BUSY_RESOURCE' };
      expect(thrownBy(() => gzip._processChunk(small, real.constants.Z_FINISH))).toMatchObject(busy);
      expect(thrownBy(() => handle.reset())).toMatchObject(busy);
      expect(thrownBy(() => native(() => gzip._processChunk(small, 0)))).toMatchObject(busy);
    });
    expect(real.gunzipSync(await first).equals(large)).toBe(true);
  });

  it('one whose call was cancelled is closed, and stays so', async () => {
    const gunzip = engine('Gunzip');
    await call(() => {
      const scope = new CancelScope();
      setImmediate(() => scope.cancel());
      scope.run(() => gunzip._processChunk(packed, real.constants.Z_FINISH));
      const gone = { code: 'ERR_STREAM_DESTROYED' };
      expect(thrownBy(() => gunzip._processChunk(packed, real.constants.Z_FINISH))).toMatchObject(gone);
      gunzip.close();
      pause(3);
      expect(gunzip.destroyed).toBe(true);
    });
  });
});

describe('streams and callbacks', () => {
  it('callbacks may suspend', async () => {
    const names = pairs.flat();
    const made = await Promise.all(
      names.map((name) =>
        call(
          () =>
            new Promise((resolve) => {
              any(replaced)[name]?.(small, (error: Error | null, value: Buffer) => {
                pause();
                resolve(error ? error.name : typeof value.length);
              });
            }),
        ),
      ),
    );
    expect(new Set(made)).toEqual(new Set(['number', 'Error']));
  });

  it('listeners may suspend, and streams be read synchronously', () =>
    call(() => {
      const gzip = replaced.createGzip();
      const log: string[] = [];
      gzip.on('end', () => {
        pause();
        log.push('end');
      });
      gzip.end(large);
      const gunzip = replaced.createGunzip();
      const { length } = large;
      for (const chunk of gzip) gunzip.write(chunk);
      gunzip.end();
      let read = 0;
      for (const chunk of gunzip) read += chunk.length;
      expect([read, ...log]).toEqual([length, 'end']);
    }));

  it('classes are Node’s to the eye', () =>
    call(() => {
      class Mine extends replaced.Gunzip {}
      for (const made of [replaced.createGunzip(), new replaced.Gunzip(), new Mine()]) {
        expect(made).toBeInstanceOf(real.Gunzip);
        expect(made).toBeInstanceOf(replaced.Gunzip);
        expect(Object.keys(made)).toEqual(Object.keys(new real.Gunzip()));
      }
      expect(new real.Gunzip()).toBeInstanceOf(replaced.Gunzip);
      expect(Object.getPrototypeOf(native(() => replaced.createGunzip()))).toBe(real.Gunzip.prototype);
      expect(thrownBy(() => replaced.createGunzip({ level: 77 }))).toMatchObject({
        code: 'ERR_OUT_OF_RANGE',
      });
    }));
});
