// `node:dns` from Node 22.15 on.
import { load } from '../facade.js';

type Dns = typeof import('node:dns');
type Replaced = Dns & import('../builtins/dns/queries.js').SyncQueries;

const dns: Replaced = load<Replaced>('dns').exports;

export * from './dns.js';
export default dns;

export const resolveTlsa: Dns['resolveTlsa'] = dns.resolveTlsa;
export const resolveTlsaSync: Replaced['resolveTlsaSync'] = dns.resolveTlsaSync;
