// `node:crypto` from Node 24.7 on.
import { load } from '../facade.js';

type Crypto = typeof import('node:crypto');

const crypto: Crypto = load<Crypto>('crypto').exports;

export * from './crypto.js';
export default crypto;

export const argon2: Crypto['argon2'] = crypto.argon2;
export const argon2Sync: Crypto['argon2Sync'] = crypto.argon2Sync;
export const decapsulate: Crypto['decapsulate'] = crypto.decapsulate;
export const encapsulate: Crypto['encapsulate'] = crypto.encapsulate;
