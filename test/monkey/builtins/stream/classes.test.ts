// Streams in tasks: their listeners and parts may suspend, and there are forms that wait for whole streams.
import realStream from 'node:stream';
import { setImmediate as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import consumers from '../../../../dist/monkey/facades/stream/consumers.js';
import stream, {
  PassThrough,
  Readable,
  Transform,
  Writable,
} from '../../../../dist/monkey/facades/stream.js';
import { call, createTaskGroup, hasPortal } from '../../../../dist/runtime/index.js';
import { pause, thrownBy, turn } from '../../../support/tools.js';

async function* slowly(...chunks: string[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    await later();
    yield chunk;
  }
}

describe('the parts of a stream', () => {
  it('suspend, given as options, when Node calls them', async () => {
    const order: string[] = [];
    const note = (what: string): void => {
      pause();
      order.push(what);
    };
    await call(() => {
      let left = 2;
      const source = new Readable({
        construct(done) {
          note('construct');
          done();
        },
        read() {
          note('read');
          this.push(left-- > 0 ? `${left}` : null);
        },
      });
      const upper = new Transform({
        transform(chunk, _, done) {
          note(`transform ${chunk}`);
          done(null, `<${chunk}>`);
        },
        flush(done) {
          note('flush');
          done();
        },
      });
      const sink = new Writable({
        write(chunk, _, done) {
          note(`write ${chunk}`);
          done();
        },
        final(done) {
          note('final');
          done();
        },
      });
      stream.pipelineSync(source, upper, sink);
    });
    const of = (kind: string): string[] => order.filter((what) => what.startsWith(kind));
    expect(of('construct')).toEqual(['construct']);
    expect(of('transform')).toEqual(['transform 1', 'transform 0']);
    expect(of('write')).toEqual(['write <1>', 'write <0>']);
    expect(order.indexOf('flush')).toBeLessThan(order.indexOf('final'));
  });

  it('suspend, as methods of a subclass, fed from outside of tasks', async () => {
    const written: string[] = [];
    class Slow extends Writable {
      override _write(chunk: Buffer, _: string, done: () => void): void {
        expect(hasPortal()).toBe(true);
        pause(2);
        written.push(String(chunk));
        done();
      }
    }
    const slow = await call(() => new Slow());
    slow.write('a');
    slow.write('b');
    slow.end();
    await realStream.promises.finished(slow);
    expect(written).toEqual(['a', 'b']);
    expect(slow).toBeInstanceOf(realStream.Writable);
  });

  it('stay what they are where no task makes the stream', () => {
    const write = (_chunk: unknown, _encoding: string, done: () => void): void => done();
    expect(new Writable({ write })._write).toBe(write);
    class Mine extends Writable {
      override _write(_chunk: unknown, _encoding: string, done: () => void): void {
        done();
      }
    }
    expect(Object.hasOwn(new Mine(), '_write')).toBe(false);
  });
});

it('a data listener registered in a task suspends', async () => {
  const heard: string[] = [];
  const source = new PassThrough();
  await call(() =>
    source.on('data', (chunk) => {
      pause(2);
      heard.push(String(chunk));
    }),
  );
  source.end('x');
  await turn(5);
  expect(heard).toEqual(['x']);
});

describe('pipelineSync and finishedSync', () => {
  it('wait, and throw what a part fails with', () =>
    call(() => {
      const sink = new PassThrough();
      stream.pipelineSync(slowly('a', 'b'), sink);
      expect(consumers.textSync(sink)).toBe('ab');
      stream.finishedSync(sink);
      const broken = new Transform({ transform: (_chunk, _encoding, done) => done(new Error('broken')) });
      expect(thrownBy(() => stream.pipelineSync(slowly('a'), broken, new PassThrough()))).toMatchObject({
        message: 'broken',
      });
      expect(thrownBy(() => stream.finishedSync(broken))).toMatchObject({ message: 'broken' });
      expect(thrownBy(() => stream.finishedSync({} as never))).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }));

  it('take Node’s options', () =>
    call(() => {
      const sink = new PassThrough();
      stream.pipelineSync(slowly('a'), sink, { end: false });
      expect(sink.writableEnded).toBe(false);
      const signal = AbortSignal.abort();
      expect(thrownBy(() => stream.pipelineSync(slowly('a'), new PassThrough(), { signal }))).toMatchObject({
        code: 'ABORT_ERR',
      });
    }));

  it('cancelled: a pipeline is destroyed, a stream that is waited for is left alone', () =>
    call(() => {
      const source = new PassThrough();
      const sink = new PassThrough();
      const other = new PassThrough();
      const tasks = createTaskGroup();
      const waits = [
        tasks.spawn(() => stream.pipelineSync(source, sink)),
        tasks.spawn(() => stream.finishedSync(other)),
      ];
      pause(2);
      for (const scope of waits) scope.cancel();
      tasks[Symbol.dispose]();
      pause();
      expect([source.destroyed, sink.destroyed, other.destroyed]).toEqual([true, true, false]);
      expect(other.eventNames()).toEqual(new PassThrough().eventNames());
    }));
});

it('consumers wait', () =>
  call(() => {
    expect(consumers.jsonSync(Readable.from(['{"a":', '1}']))).toEqual({ a: 1 });
    expect(consumers.bufferSync(slowly('a', 'b') as never)).toEqual(Buffer.from('ab'));
    expect(consumers.arrayBufferSync(new Response('ab').body as never).byteLength).toBe(2);
    expect(consumers.blobSync(Readable.from(['abc'])).size).toBe(3);
    expect(thrownBy(() => consumers.jsonSync(Readable.from(['{'])))).toBeInstanceOf(SyntaxError);
  }));

it('need a portal', () => {
  for (const fn of [
    () => stream.finishedSync(new PassThrough()),
    () => consumers.textSync(slowly() as never),
  ])
    expect(thrownBy(fn)).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
});
