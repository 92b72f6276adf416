import { load } from '../facade.js';

type Dgram = typeof import('node:dgram');

const dgram: Dgram = load<Dgram>('dgram').exports;

export * from 'node:dgram';
export const Socket: Dgram['Socket'] = dgram.Socket;
export const createSocket: Dgram['createSocket'] = dgram.createSocket;
export default dgram;
