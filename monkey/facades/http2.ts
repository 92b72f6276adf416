import { load } from '../facade.js';

type Http2 = typeof import('node:http2');

const http2: Http2 = load<Http2>('http2').exports;

export * from 'node:http2';
export const connect: Http2['connect'] = http2.connect;
export const createServer: Http2['createServer'] = http2.createServer;
export const createSecureServer: Http2['createSecureServer'] = http2.createSecureServer;
export default http2;
