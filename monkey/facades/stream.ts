import { load } from '../facade.js';

type StreamModule = typeof import('node:stream');
type Replaced = StreamModule &
  Pick<typeof import('../builtins/stream/whole-streams.js'), 'finishedSync' | 'pipelineSync'>;

const stream: Replaced = load<Replaced>('stream').exports;

// @ts-expect-error: @types/node declares this module by `export =`; it has named exports all the same.
export * from 'node:stream';
export const Stream: StreamModule['Stream'] = stream.Stream;
export const Readable: StreamModule['Readable'] = stream.Readable;
export const Writable: StreamModule['Writable'] = stream.Writable;
export const Duplex: StreamModule['Duplex'] = stream.Duplex;
export const Transform: StreamModule['Transform'] = stream.Transform;
export const PassThrough: StreamModule['PassThrough'] = stream.PassThrough;
export const compose: StreamModule['compose'] = stream.compose;
export const finished: StreamModule['finished'] = stream.finished;
export const pipeline: StreamModule['pipeline'] = stream.pipeline;
export const promises: StreamModule['promises'] = stream.promises;
export const finishedSync: Replaced['finishedSync'] = stream.finishedSync;
export const pipelineSync: Replaced['pipelineSync'] = stream.pipelineSync;
export default stream;
