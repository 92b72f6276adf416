// The replaced `stream`, `stream/promises` and `stream/consumers`.
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { inTurn } from '../../kit/acting.js';
import { callbackAt } from '../../kit/callback-in-task.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { entering } from '../../kit/emitter-listeners.js';
import { Duplex, PassThrough, Readable, Stream, Transform, Writable } from './classes.js';
import { finishedSync, pipelineSync, type SyncConsumers, syncConsumers } from './whole-streams.js';

type StreamModule = typeof import('node:stream');
type Promises = typeof import('node:stream/promises');
type Consumers = typeof import('node:stream/consumers');
type Waits = Pick<typeof import('./whole-streams.js'), 'finishedSync' | 'pipelineSync'>;

const real = builtin<StreamModule>('stream');
const { EventEmitter } = builtin<typeof import('node:events')>('events');
const waits: Waits = { finishedSync, pipelineSync };

/**
 * Makes a function whose callback comes in order with the events of a stream.
 * @param streamOf - gives the stream, of the arguments; it may be something else
 */
function callingBackOf<F extends AnyFunction>(original: F, streamOf: (args: unknown[]) => unknown): F {
  return disguise(original, (self, args) => {
    const at = callbackAt(args);
    const callback = args[at];
    const stream = streamOf(args);
    if (typeof callback === 'function')
      args[at] =
        stream instanceof EventEmitter
          ? inTurn(stream, callback as AnyFunction)
          : entering(callback as AnyFunction);
    return Reflect.apply(original, self, args as never);
  });
}

/** `stream/promises`, with what waits. */
export const promisesDefinition: MonkeyModule<Promises & Waits> = defineModule<Promises & Waits>(
  'stream/promises',
  { added: { ...waits } },
);

/** `stream/consumers`, with what waits. */
export const consumersDefinition: MonkeyModule<Consumers & SyncConsumers> = defineModule<
  Consumers & SyncConsumers
>('stream/consumers', { added: { ...syncConsumers } });

/** `stream`: listeners and the parts of streams run in tasks; every stream can be read and written synchronously. */
export const definition: MonkeyModule<StreamModule & Waits> = defineModule<StreamModule & Waits>('stream', {
  self: Stream,
  implemented: {
    Stream,
    Readable,
    Writable,
    Duplex,
    Transform,
    PassThrough,
    compose: starting(real.compose),
    finished: callingBackOf(real.finished, ([stream]) => stream),
    pipeline: callingBackOf(real.pipeline, (args) => {
      const last = args[callbackAt(args) - 1];
      return Array.isArray(last) ? last[last.length - 1] : last;
    }),
    promises: promisesDefinition.exports,
  },
  added: { ...waits },
});
