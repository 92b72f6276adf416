/**
 * What aevent adds to Node's modules, as TypeScript sees it: types only, part of the types of 'aevent'. Methods are
 * declared beside what implements them, in the files that are named here; functions of modules below.
 * @see integration/types, which uses all of it in a project of its own
 */
import type { SyncLookups, SyncQueries } from './dns/queries.js';
import type { GetSync, RequestSync } from './http/request-sync.js';
import type { SyncConsumers } from './stream/waits.js';

export type { Exit } from './child-process/task-child.js';
export type { Datagram } from './dgram/sync-methods.js';
export type { SyncLookups, SyncQueries } from './dns/queries.js';
export type { WaitOptions } from './events/once-sync.js';
export type {} from './http/messages.js';
export type { GetSync, RequestSync } from './http/request-sync.js';
export type {} from './net/sync-methods.js';
export type { QuestionOptions, SyncInterface } from './readline/sync-methods.js';
export type {} from './stream/sync-methods.js';
export type { SyncConsumers } from './stream/waits.js';
export type {} from './worker-threads/task-options.js';

declare module 'node:net' {
  export const connectSync: typeof import('./net/sync-methods.js').connectSync;
}
declare module 'node:tls' {
  export const connectSync: typeof import('node:tls').connect;
}
declare module 'node:http' {
  export const requestSync: RequestSync;
  export const getSync: GetSync;
}
declare module 'node:https' {
  export const requestSync: RequestSync;
  export const getSync: GetSync;
}
declare module 'node:events' {
  export const onceSync: typeof import('./events/once-sync.js').onceSync;
  export const onSync: typeof import('./events/once-sync.js').onSync;
}
declare module 'node:stream' {
  export const pipelineSync: typeof import('./stream/waits.js').pipelineSync;
  export const finishedSync: typeof import('./stream/waits.js').finishedSync;
}
declare module 'node:stream/promises' {
  export const pipelineSync: typeof import('./stream/waits.js').pipelineSync;
  export const finishedSync: typeof import('./stream/waits.js').finishedSync;
}
declare module 'node:stream/consumers' {
  export const arrayBufferSync: SyncConsumers['arrayBufferSync'];
  export const blobSync: SyncConsumers['blobSync'];
  export const bufferSync: SyncConsumers['bufferSync'];
  export const jsonSync: SyncConsumers['jsonSync'];
  export const textSync: SyncConsumers['textSync'];
}
declare module 'node:worker_threads' {
  export const receiveMessageSync: typeof import('./worker-threads/receive-message-sync.js').receiveMessageSync;
}
declare module 'node:timers' {
  export const sleepSync: typeof import('./timers/sleep-sync.js').sleepSync;
}
declare module 'node:dns' {
  export const resolveSync: SyncQueries['resolveSync'];
  export const resolve4Sync: SyncQueries['resolve4Sync'];
  export const resolve6Sync: SyncQueries['resolve6Sync'];
  export const resolveAnySync: SyncQueries['resolveAnySync'];
  export const resolveCaaSync: SyncQueries['resolveCaaSync'];
  export const resolveCnameSync: SyncQueries['resolveCnameSync'];
  export const resolveMxSync: SyncQueries['resolveMxSync'];
  export const resolveNaptrSync: SyncQueries['resolveNaptrSync'];
  export const resolveNsSync: SyncQueries['resolveNsSync'];
  export const resolvePtrSync: SyncQueries['resolvePtrSync'];
  export const resolveSoaSync: SyncQueries['resolveSoaSync'];
  export const resolveSrvSync: SyncQueries['resolveSrvSync'];
  export const resolveTxtSync: SyncQueries['resolveTxtSync'];
  export const reverseSync: SyncQueries['reverseSync'];
  export const lookupSync: SyncLookups['lookupSync'];
  export const lookupServiceSync: SyncLookups['lookupServiceSync'];
}
declare module 'node:dns/promises' {
  export const resolveSync: SyncQueries['resolveSync'];
  export const resolve4Sync: SyncQueries['resolve4Sync'];
  export const resolve6Sync: SyncQueries['resolve6Sync'];
  export const resolveAnySync: SyncQueries['resolveAnySync'];
  export const resolveCaaSync: SyncQueries['resolveCaaSync'];
  export const resolveCnameSync: SyncQueries['resolveCnameSync'];
  export const resolveMxSync: SyncQueries['resolveMxSync'];
  export const resolveNaptrSync: SyncQueries['resolveNaptrSync'];
  export const resolveNsSync: SyncQueries['resolveNsSync'];
  export const resolvePtrSync: SyncQueries['resolvePtrSync'];
  export const resolveSoaSync: SyncQueries['resolveSoaSync'];
  export const resolveSrvSync: SyncQueries['resolveSrvSync'];
  export const resolveTxtSync: SyncQueries['resolveTxtSync'];
  export const reverseSync: SyncQueries['reverseSync'];
  export const lookupSync: SyncLookups['lookupSync'];
  export const lookupServiceSync: SyncLookups['lookupServiceSync'];
}
