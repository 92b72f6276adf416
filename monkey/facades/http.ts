import { load } from '../facade.js';

type Http = typeof import('node:http');
type Replaced = Http & import('../builtins/http/request-sync.js').SyncRequests;

const http: Replaced = load<Replaced>('http').exports;

export * from 'node:http';
export const ClientRequest: Http['ClientRequest'] = http.ClientRequest;
export const IncomingMessage: Http['IncomingMessage'] = http.IncomingMessage;
export const OutgoingMessage: Http['OutgoingMessage'] = http.OutgoingMessage;
export const Server: Http['Server'] = http.Server;
export const ServerResponse: Http['ServerResponse'] = http.ServerResponse;
export const createServer: Http['createServer'] = http.createServer;
export const get: Http['get'] = http.get;
export const request: Http['request'] = http.request;
export const getSync: Replaced['getSync'] = http.getSync;
export const requestSync: Replaced['requestSync'] = http.requestSync;
export default http;
