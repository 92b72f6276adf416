import { load } from '../facade.js';

type Dns = typeof import('node:dns');
type Replaced = Dns &
  import('../builtins/dns/queries.js').SyncQueries &
  import('../builtins/dns/queries.js').SyncLookups;

const dns: Replaced = load<Replaced>('dns').exports;

export * from 'node:dns';
export const lookup: Dns['lookup'] = dns.lookup;
export const lookupService: Dns['lookupService'] = dns.lookupService;
export const Resolver: Dns['Resolver'] = dns.Resolver;
export const promises: Dns['promises'] = dns.promises;
export const setServers: Dns['setServers'] = dns.setServers;
export const resolve: Dns['resolve'] = dns.resolve;
export const resolve4: Dns['resolve4'] = dns.resolve4;
export const resolve6: Dns['resolve6'] = dns.resolve6;
export const resolveAny: Dns['resolveAny'] = dns.resolveAny;
export const resolveCaa: Dns['resolveCaa'] = dns.resolveCaa;
export const resolveCname: Dns['resolveCname'] = dns.resolveCname;
export const resolveMx: Dns['resolveMx'] = dns.resolveMx;
export const resolveNaptr: Dns['resolveNaptr'] = dns.resolveNaptr;
export const resolveNs: Dns['resolveNs'] = dns.resolveNs;
export const resolvePtr: Dns['resolvePtr'] = dns.resolvePtr;
export const resolveSoa: Dns['resolveSoa'] = dns.resolveSoa;
export const resolveSrv: Dns['resolveSrv'] = dns.resolveSrv;
export const resolveTxt: Dns['resolveTxt'] = dns.resolveTxt;
export const reverse: Dns['reverse'] = dns.reverse;
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
