// Streams, events and readline. A cancelled read has taken nothing; what was written stays; a stream that was read by
// `for … of`, or is in a pipeline, is destroyed; a readline interface stays open, and closes when its loop is left.
import events, { EventEmitter, onceSync, onSync } from 'node:events';
import readline from 'node:readline';
import readlinePromises from 'node:readline/promises';
import stream, { finishedSync, PassThrough, pipelineSync, Readable, Writable } from 'node:stream';
import consumers from 'node:stream/consumers';
import promises from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';

const closed = (one) => promisify(stream.finished)(one, { error: false }).catch(() => {});

/** Has not ended by itself what it is about. */
const leave = async (one) => {
  one.destroy();
  await closed(one);
};

const TEXT = 'abc\nrest';

/** Reads a stream in which `length` characters have come; `keeps`: what a cancelled call leaves is all of them. */
const reading = (name, length, act, keeps = true) => ({
  name,
  arrange: () => {
    const source = new PassThrough();
    if (length > 0) source.write(TEXT.slice(0, length));
    return source;
  },
  act,
  finish: (source) => void source.end(TEXT.slice(length)),
  after: async (source, { cancelled }) => {
    if (cancelled && source.destroyed === keeps) throw new Error(`destroyed: ${source.destroyed}`);
    const left = keeps ? String(source.read() ?? '') : '';
    if (cancelled && keeps && left !== TEXT.slice(0, length) && left !== TEXT) {
      throw new Error(`what is left is ${JSON.stringify(left)}`);
    }
    await leave(source);
  },
});

/** A stream that takes nothing until it is told. */
function sink() {
  const taken = [];
  let go;
  const open = new Promise((resolve) => {
    go = resolve;
  });
  const made = new Writable({
    highWaterMark: 4,
    write(chunk, _, done) {
      taken.push(String(chunk));
      void open.then(() => done());
    },
  });
  return { made, go, taken };
}

const writing = (name, act) => ({
  name,
  arrange: sink,
  act: ({ made }) => act(made),
  finish: ({ go }) => go(),
  after: async ({ made, taken }, { cancelled }) => {
    if (taken.length > 0 && taken[0] !== 'more than four') throw new Error(`written: ${taken}`);
    if (cancelled && made.destroyed) throw new Error('it is destroyed');
    await leave(made);
  },
});

const consuming = Object.keys(consumers).filter((name) => name.endsWith('Sync'));

const consumer = (name) => ({
  name: `consumers.${name}`,
  covers: [`stream/consumers.${name}`],
  arrange: () => new PassThrough(),
  act: (source) => consumers[name](source),
  finish: (source) => void source.end('1'),
  after: leave,
});

const piping = (covers, pipeline) => ({
  name: covers,
  covers: [covers],
  arrange: () => ({ source: new PassThrough(), ...sink() }),
  act: ({ source, made }) => pipeline(source, new PassThrough(), made),
  finish: ({ source, go }) => {
    source.end('text');
    go();
  },
  after: async ({ source, made }, { cancelled }) => {
    await turn();
    await turn();
    // Cancelled before, it has not begun.
    const begun = source.readableFlowing !== null || source.destroyed || made.destroyed;
    if (cancelled && begun && !(source.destroyed && made.destroyed)) throw new Error('not destroyed');
    await Promise.all([leave(source), leave(made)]);
  },
});

const finishing = (covers, finished) => ({
  name: `${covers}, which leaves the stream alone`,
  covers: [covers],
  arrange: () => new PassThrough().resume(),
  act: (one) => finished(one),
  finish: (one) => void one.end(),
  after: async (one, { cancelled }) => {
    if (cancelled && one.destroyed && !one.readableEnded) throw new Error('it is destroyed');
    await leave(one);
  },
});

const asking = (module, name) => ({
  name: `${name}: questionSync, which leaves the interface open`,
  arrange: () => {
    const input = new PassThrough();
    return {
      input,
      rl: module.createInterface({ input, output: new Writable({ write: (_, __, done) => done() }) }),
    };
  },
  act: ({ rl }) => rl.questionSync('? '),
  finish: ({ input }) => void input.write('answer\n'),
  after: async ({ input, rl }, { cancelled }) => {
    if (cancelled && rl.closed) throw new Error('it is closed');
    rl.close();
    await leave(input);
  },
});

const lines = (module, name) => ({
  name: `${name}: iteration, which closes the interface`,
  arrange: () => {
    const input = new PassThrough();
    return { input, rl: module.createInterface({ input }) };
  },
  act: ({ rl }) => [...rl],
  finish: ({ input }) => void input.end('a\nb\n'),
  after: async ({ input, rl }) => {
    if (!rl.closed) throw new Error('it is open');
    await leave(input);
  },
});

const noListeners = (emitter) => {
  if (emitter.eventNames().length > 0) throw new Error(`listeners are left: ${emitter.eventNames()}`);
};

export const modules = {
  events,
  readline,
  'readline/promises': readlinePromises,
  stream,
  'stream/promises': promises,
  'stream/consumers': consumers,
};

export const rows = [
  reading('readable.readSync', 0, (source) => source.readSync()),
  reading('readable.readExactlySync', 1, (source) => source.readExactlySync(3)),
  reading('readable.readLineSync', 2, (source) => source.readLineSync()),
  reading('for … of a Readable, which is destroyed', 1, (source) => [...source], false),
  {
    name: 'readable.readSync in object mode',
    arrange: () => new Readable({ objectMode: true, read() {} }),
    act: (source) => source.readSync(),
    finish: (source) => void source.push({ item: 1 }),
    after: leave,
  },
  writing('writable.writeSync', (made) => made.writeSync('more than four')),
  writing('writable.endSync', (made) => made.endSync('more than four')),
  piping('stream.pipelineSync', pipelineSync),
  piping('stream/promises.pipelineSync', promises.pipelineSync),
  finishing('stream.finishedSync', finishedSync),
  finishing('stream/promises.finishedSync', promises.finishedSync),
  ...consuming.map(consumer),
  {
    name: 'events.onceSync',
    covers: ['events.onceSync'],
    arrange: () => new EventEmitter(),
    act: (emitter) => onceSync(emitter, 'event'),
    finish: (emitter) => void emitter.emit('event'),
    after: noListeners,
  },
  {
    name: 'events.onceSync of an EventTarget',
    arrange: () => new EventTarget(),
    act: (target) => onceSync(target, 'event'),
    finish: (target) => void target.dispatchEvent(new Event('event')),
    after: (target) => {
      const { getEventListeners } = events;
      if (getEventListeners(target, 'event').length > 0) throw new Error('a listener is left');
    },
  },
  {
    name: 'events.onSync',
    covers: ['events.onSync'],
    arrange: () => new EventEmitter(),
    act: (emitter) => {
      for (const [value] of onSync(emitter, 'event')) return value;
    },
    finish: (emitter) => void emitter.emit('event', 'value'),
    after: noListeners,
  },
  asking(readline, 'readline'),
  asking(readlinePromises, 'readline/promises'),
  lines(readline, 'readline'),
  lines(readlinePromises, 'readline/promises'),
];
