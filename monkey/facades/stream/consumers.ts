import { load } from '../../facade.js';

type Consumers = typeof import('node:stream/consumers');
type Replaced = Consumers & import('../../builtins/stream/whole-streams.js').SyncConsumers;

const consumers: Replaced = load<Replaced>('stream/consumers').exports;

export * from 'node:stream/consumers';
export const arrayBufferSync: Replaced['arrayBufferSync'] = consumers.arrayBufferSync;
export const blobSync: Replaced['blobSync'] = consumers.blobSync;
export const bufferSync: Replaced['bufferSync'] = consumers.bufferSync;
export const jsonSync: Replaced['jsonSync'] = consumers.jsonSync;
export const textSync: Replaced['textSync'] = consumers.textSync;
export default consumers;
