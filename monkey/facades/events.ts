import { load } from '../facade.js';

type Events = typeof import('node:events') & typeof import('../builtins/events/once-sync.js');

const events: Events = load<Events>('events').exports;

// @ts-expect-error: @types/node declares this module by `export =`; it has named exports all the same.
export * from 'node:events';
export const EventEmitter: Events['EventEmitter'] = events.EventEmitter;
export const onceSync: Events['onceSync'] = events.onceSync;
export const onSync: Events['onSync'] = events.onSync;
export default events;
