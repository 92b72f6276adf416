// EventEmitter, EventTarget, diagnostics_channel.
import diagnostics from 'node:diagnostics_channel';
import { EventEmitter, on, once } from 'node:events';
import { viaLoop } from '../rig.mjs';

export default [
  {
    name: 'EventEmitter: listeners, once, newListener and error',
    run(stop, id) {
      const log = [];
      const emitter = new EventEmitter();
      emitter.on('newListener', (name) => {
        if (name !== 'newListener') log.push(stop(name));
      });
      emitter.on('x', (value) => log.push(stop(value)));
      emitter.prependOnceListener('x', () => log.push(stop('first')));
      emitter.on('error', (error) => log.push(stop(error)));
      emitter.emit('x', id);
      emitter.emit('error', 'wrong');
      return log;
    },
    expected: (id) => ['x', 'x', 'error', 'first', id, 'wrong'],
  },
  {
    name: 'EventEmitter with captureRejections, events.once and events.on',
    async run(stop, id) {
      const emitter = new EventEmitter({ captureRejections: true });
      const failed = once(emitter, 'error').catch((error) => error);
      emitter.on('x', async () => {
        throw stop(new Error(`e${id}`));
      });
      emitter.emit('x');
      const [error] = [await failed].flat();
      const emits = on(emitter, 'y');
      emitter.emit('y', stop(id));
      const { value } = await emits.next();
      await emits.return();
      return [error.message, value];
    },
    expected: (id) => [`e${id}`, [id]],
  },
  {
    name: 'EventTarget: listeners, handleEvent and once',
    run(stop, id) {
      const log = [];
      const target = new EventTarget();
      target.addEventListener('x', (event) => log.push(stop(event.detail)), { once: true });
      target.addEventListener('x', { handleEvent: () => log.push(stop('object')) });
      target.dispatchEvent(new CustomEvent('x', { detail: id }));
      target.dispatchEvent(new CustomEvent('x'));
      return log;
    },
    expected: (id) => [id, 'object', 'object'],
  },
  {
    name: 'AbortSignal: abort listeners, any and a reason',
    run(stop, id) {
      const log = [];
      const controller = new AbortController();
      const any = AbortSignal.any([controller.signal]);
      controller.signal.onabort = () => log.push(stop('handler'));
      any.addEventListener('abort', () => log.push(stop(any.reason)));
      controller.abort(id);
      return log.sort();
    },
    expected: (id) => [id, 'handler'],
  },
  {
    name: 'AbortSignal.timeout',
    run: (stop, id) =>
      viaLoop(
        (callback) => {
          const signal = AbortSignal.timeout(1);
          signals.add(signal);
          signal.addEventListener('abort', () => callback(signals.delete(signal)));
        },
        () => stop(id),
      ),
    expected: (id) => id,
  },
  {
    name: 'diagnostics_channel: subscribers and bindStore',
    run(stop, id) {
      const log = [];
      const channel = diagnostics.channel(`torture${id}`);
      const subscriber = (message) => log.push(stop(message));
      channel.subscribe(subscriber);
      channel.publish(id);
      channel.unsubscribe(subscriber);
      return [log, channel.hasSubscribers];
    },
    expected: (id) => [[id], false],
  },
  {
    name: 'diagnostics_channel: tracingChannel',
    async run(stop, id) {
      const log = [];
      const channel = diagnostics.tracingChannel(`torture${id}`);
      const handlers = {
        start: () => log.push(stop('start')),
        end: () => log.push(stop('end')),
        asyncEnd: () => log.push(stop('asyncEnd')),
      };
      channel.subscribe(handlers);
      const sync = channel.traceSync((n) => stop(n), {}, undefined, id);
      const later = await channel.tracePromise(async () => stop(id), {});
      channel.unsubscribe(handlers);
      // The promise may settle while 'end' is suspended.
      return [sync, later, log.sort()];
    },
    expected: (id) => [id, id, ['asyncEnd', 'end', 'end', 'start', 'start']],
  },
  {
    name: 'process.emit and process events of a task’s own',
    run(stop, id) {
      const seen = [];
      const listener = (value) => seen.push(stop(value));
      process.on(`torture${id}`, listener);
      process.emit(`torture${id}`, id);
      process.off(`torture${id}`, listener);
      return seen;
    },
    expected: (id) => [id],
  },
  {
    name: 'process warnings',
    run: (stop, id) =>
      viaLoop(
        (callback) => {
          const listener = (warning) => {
            if (warning.code !== `TORTURE${id}`) return;
            process.off('warning', listener);
            callback();
          };
          process.on('warning', listener);
          process.emitWarning('torture', { code: `TORTURE${id}` });
        },
        () => stop(id),
      ),
    expected: (id) => id,
  },
];

// A signal that no code holds may be collected before it aborts.
const signals = new Set();
