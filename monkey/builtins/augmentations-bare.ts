/**
 * The functions of augmentations.ts for a program that imports `net`, not `node:net`. Before version 25 `@types/node` declares
 * the modules under these names, and `node:net` as all of `net`; from 25 on it is the other way round. Methods, and what is
 * added to `events` and `stream`, are found by either name.
 *
 * The second declaration merges with the first, which a `var` of the same type may do and a `const` may not.
 */
import type { SyncLookups, SyncQueries } from './dns/queries.js';
import type { GetSync, RequestSync } from './http/request-sync.js';
import type { SyncConsumers } from './stream/whole-streams.js';

declare module 'dns' {
  export var resolveSync: SyncQueries['resolveSync'];
  export var resolve4Sync: SyncQueries['resolve4Sync'];
  export var resolve6Sync: SyncQueries['resolve6Sync'];
  export var resolveAnySync: SyncQueries['resolveAnySync'];
  export var resolveCaaSync: SyncQueries['resolveCaaSync'];
  export var resolveCnameSync: SyncQueries['resolveCnameSync'];
  export var resolveMxSync: SyncQueries['resolveMxSync'];
  export var resolveNaptrSync: SyncQueries['resolveNaptrSync'];
  export var resolveNsSync: SyncQueries['resolveNsSync'];
  export var resolvePtrSync: SyncQueries['resolvePtrSync'];
  export var resolveSoaSync: SyncQueries['resolveSoaSync'];
  export var resolveSrvSync: SyncQueries['resolveSrvSync'];
  export var resolveTxtSync: SyncQueries['resolveTxtSync'];
  export var reverseSync: SyncQueries['reverseSync'];
  export var lookupSync: SyncLookups['lookupSync'];
  export var lookupServiceSync: SyncLookups['lookupServiceSync'];
}
declare module 'dns/promises' {
  export var resolveSync: SyncQueries['resolveSync'];
  export var resolve4Sync: SyncQueries['resolve4Sync'];
  export var resolve6Sync: SyncQueries['resolve6Sync'];
  export var resolveAnySync: SyncQueries['resolveAnySync'];
  export var resolveCaaSync: SyncQueries['resolveCaaSync'];
  export var resolveCnameSync: SyncQueries['resolveCnameSync'];
  export var resolveMxSync: SyncQueries['resolveMxSync'];
  export var resolveNaptrSync: SyncQueries['resolveNaptrSync'];
  export var resolveNsSync: SyncQueries['resolveNsSync'];
  export var resolvePtrSync: SyncQueries['resolvePtrSync'];
  export var resolveSoaSync: SyncQueries['resolveSoaSync'];
  export var resolveSrvSync: SyncQueries['resolveSrvSync'];
  export var resolveTxtSync: SyncQueries['resolveTxtSync'];
  export var reverseSync: SyncQueries['reverseSync'];
  export var lookupSync: SyncLookups['lookupSync'];
  export var lookupServiceSync: SyncLookups['lookupServiceSync'];
}
declare module 'http' {
  export var requestSync: RequestSync;
  export var getSync: GetSync;
}
declare module 'https' {
  export var requestSync: RequestSync;
  export var getSync: GetSync;
}
declare module 'net' {
  export var connectSync: typeof import('node:net').connect;
}
declare module 'stream/consumers' {
  export var arrayBufferSync: SyncConsumers['arrayBufferSync'];
  export var blobSync: SyncConsumers['blobSync'];
  export var bufferSync: SyncConsumers['bufferSync'];
  export var jsonSync: SyncConsumers['jsonSync'];
  export var textSync: SyncConsumers['textSync'];
}
declare module 'stream/promises' {
  export var pipelineSync: typeof import('./stream/whole-streams.js').pipelineSync;
  export var finishedSync: typeof import('./stream/whole-streams.js').finishedSync;
}
declare module 'timers' {
  export var sleepSync: typeof import('./timers/sleep-sync.js').sleepSync;
}
declare module 'tls' {
  export var connectSync: typeof import('node:tls').connect;
}
declare module 'worker_threads' {
  export var receiveMessageSync: typeof import('./worker_threads/receive-message-sync.js').receiveMessageSync;
}
