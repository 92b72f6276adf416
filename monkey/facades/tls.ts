import { load } from '../facade.js';

type Tls = typeof import('node:tls');
type Replaced = Tls & { readonly connectSync: Tls['connect'] };

const tls: Replaced = load<Replaced>('tls').exports;

export * from 'node:tls';
export const Server: Tls['Server'] = tls.Server;
export const TLSSocket: Tls['TLSSocket'] = tls.TLSSocket;
export const connect: Tls['connect'] = tls.connect;
export const createServer: Tls['createServer'] = tls.createServer;
export const connectSync: Replaced['connectSync'] = tls.connectSync;
export default tls;
