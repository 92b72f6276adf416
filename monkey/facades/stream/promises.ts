import { load } from '../../facade.js';

type Promises = typeof import('node:stream/promises');
type Replaced = Promises &
  Pick<typeof import('../../builtins/stream/whole-streams.js'), 'finishedSync' | 'pipelineSync'>;

const promises: Replaced = load<Replaced>('stream/promises').exports;

export * from 'node:stream/promises';
export const finishedSync: Replaced['finishedSync'] = promises.finishedSync;
export const pipelineSync: Replaced['pipelineSync'] = promises.pipelineSync;
export default promises;
