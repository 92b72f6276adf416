// `node:dns/promises` from Node 22.15 on.
import { load } from '../../facade.js';

type Promises = typeof import('node:dns/promises');
type Replaced = Promises & import('../../builtins/dns/queries.js').SyncQueries;

const dns: Replaced = load<Replaced>('dns/promises').exports;

export * from './promises.js';
export default dns;

export const resolveTlsaSync: Replaced['resolveTlsaSync'] = dns.resolveTlsaSync;
