import { load } from '../../facade.js';

type Promises = typeof import('node:dns/promises');
type Replaced = Promises &
  import('../../builtins/dns/queries.js').SyncQueries &
  import('../../builtins/dns/queries.js').SyncLookups;

const dns: Replaced = load<Replaced>('dns/promises').exports;

export * from 'node:dns/promises';
export const Resolver: Promises['Resolver'] = dns.Resolver;
export const setServers: Promises['setServers'] = dns.setServers;
export const lookupSync: Replaced['lookupSync'] = dns.lookupSync;
export const lookupServiceSync: Replaced['lookupServiceSync'] = dns.lookupServiceSync;
export const resolveSync: Replaced['resolveSync'] = dns.resolveSync;
export const resolve4Sync: Replaced['resolve4Sync'] = dns.resolve4Sync;
export const resolve6Sync: Replaced['resolve6Sync'] = dns.resolve6Sync;
export const resolveAnySync: Replaced['resolveAnySync'] = dns.resolveAnySync;
export const resolveCaaSync: Replaced['resolveCaaSync'] = dns.resolveCaaSync;
export const resolveCnameSync: Replaced['resolveCnameSync'] = dns.resolveCnameSync;
export const resolveMxSync: Replaced['resolveMxSync'] = dns.resolveMxSync;
export const resolveNaptrSync: Replaced['resolveNaptrSync'] = dns.resolveNaptrSync;
export const resolveNsSync: Replaced['resolveNsSync'] = dns.resolveNsSync;
export const resolvePtrSync: Replaced['resolvePtrSync'] = dns.resolvePtrSync;
export const resolveSoaSync: Replaced['resolveSoaSync'] = dns.resolveSoaSync;
export const resolveSrvSync: Replaced['resolveSrvSync'] = dns.resolveSrvSync;
export const resolveTxtSync: Replaced['resolveTxtSync'] = dns.resolveTxtSync;
export const reverseSync: Replaced['reverseSync'] = dns.reverseSync;
export default dns;
