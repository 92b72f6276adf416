import { load } from '../facade.js';

type Net = typeof import('node:net');
type Replaced = Net & Pick<typeof import('../builtins/net/sync-methods.js'), 'connectSync'>;

const net: Replaced = load<Replaced>('net').exports;

export * from 'node:net';
export const Socket: Net['Socket'] = net.Socket;
// @ts-expect-error: an old name of Socket, which @types/node does not know.
export const Stream: Net['Socket'] = net.Stream;
export const Server: Net['Server'] = net.Server;
export const connect: Net['connect'] = net.connect;
export const createConnection: Net['createConnection'] = net.createConnection;
export const createServer: Net['createServer'] = net.createServer;
export const connectSync: Replaced['connectSync'] = net.connectSync;
export default net;
