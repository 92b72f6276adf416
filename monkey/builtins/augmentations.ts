/**
 * Types of aevent's additions to Node's modules, part of the types of 'aevent'. Methods are
 * declared beside what implements them, in the files that are named here; functions of modules below.
 *
 * One file augments a module: where a module has methods, too, its functions are declared beside those. Before version
 * 25 the modules of `@types/node` are `node:x { export * from 'x' }`, and TypeScript before 7 merges only the first
 * augmentation of such a module: functions of a second one would not exist. integration/support/augmentations.mjs adds the
 * same for `x`, and for modules that get all that another one gets.
 * @see integration/types, which uses all of it in a project of its own
 */
import type { GetSync, RequestSync } from './http/request-sync.js';
import type { SyncConsumers } from './stream/whole-streams.js';

export type { Exit } from './child_process/task-child.js';
export type { Datagram } from './dgram/sync-methods.js';
export type { SyncLookups, SyncQueries } from './dns/queries.js';
export type { WaitOptions } from './events/once-sync.js';
export type {} from './http/messages.js';
export type { GetSync, RequestSync } from './http/request-sync.js';
export type {} from './net/sync-methods.js';
export type { QuestionOptions, SyncInterface } from './readline/sync-methods.js';
export type {} from './stream/sync-methods.js';
export type { SyncConsumers } from './stream/whole-streams.js';
export type {} from './worker_threads/task-options.js';

declare module 'node:tls' {
  export var connectSync: typeof import('node:tls').connect;
}
declare module 'node:https' {
  export var requestSync: RequestSync;
  export var getSync: GetSync;
}
declare module 'node:events' {
  export var onceSync: typeof import('./events/once-sync.js').onceSync;
  export var onSync: typeof import('./events/once-sync.js').onSync;
}
declare module 'node:stream' {
  export var pipelineSync: typeof import('./stream/whole-streams.js').pipelineSync;
  export var finishedSync: typeof import('./stream/whole-streams.js').finishedSync;
}
declare module 'node:stream/promises' {
  export var pipelineSync: typeof import('./stream/whole-streams.js').pipelineSync;
  export var finishedSync: typeof import('./stream/whole-streams.js').finishedSync;
}
declare module 'node:stream/consumers' {
  export var arrayBufferSync: SyncConsumers['arrayBufferSync'];
  export var blobSync: SyncConsumers['blobSync'];
  export var bufferSync: SyncConsumers['bufferSync'];
  export var jsonSync: SyncConsumers['jsonSync'];
  export var textSync: SyncConsumers['textSync'];
}
declare module 'node:timers' {
  export var sleepSync: typeof import('./timers/sleep-sync.js').sleepSync;
}
