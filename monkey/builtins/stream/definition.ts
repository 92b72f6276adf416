// The replaced `stream`, `stream/promises` and `stream/consumers`.
import { builtin } from '../../../runtime/base/builtins.js';
import { callingBack } from '../../kit/callback-in-task.js';
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
const waits: Waits = { finishedSync, pipelineSync };

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
    finished: callingBack(real.finished, entering),
    pipeline: callingBack(real.pipeline, entering),
    promises: promisesDefinition.exports,
  },
  added: { ...waits },
});
