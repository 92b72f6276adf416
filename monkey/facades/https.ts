import { load } from '../facade.js';

type Https = typeof import('node:https');
type Replaced = Https & import('../builtins/http/request-sync.js').SyncRequests;

const https: Replaced = load<Replaced>('https').exports;

export * from 'node:https';
export const Server: Https['Server'] = https.Server;
export const createServer: Https['createServer'] = https.createServer;
export const get: Https['get'] = https.get;
export const request: Https['request'] = https.request;
export const getSync: Replaced['getSync'] = https.getSync;
export const requestSync: Replaced['requestSync'] = https.requestSync;
export default https;
