import { load } from '../facade.js';

type Crypto = typeof import('node:crypto');

const crypto: Crypto = load<Crypto>('crypto').exports;

export * from 'node:crypto';
export const checkPrime: Crypto['checkPrime'] = crypto.checkPrime;
export const checkPrimeSync: Crypto['checkPrimeSync'] = crypto.checkPrimeSync;
export const generateKey: Crypto['generateKey'] = crypto.generateKey;
export const generateKeyPair: Crypto['generateKeyPair'] = crypto.generateKeyPair;
export const generateKeyPairSync: Crypto['generateKeyPairSync'] = crypto.generateKeyPairSync;
export const generateKeySync: Crypto['generateKeySync'] = crypto.generateKeySync;
export const generatePrime: Crypto['generatePrime'] = crypto.generatePrime;
export const generatePrimeSync: Crypto['generatePrimeSync'] = crypto.generatePrimeSync;
export const hkdf: Crypto['hkdf'] = crypto.hkdf;
export const hkdfSync: Crypto['hkdfSync'] = crypto.hkdfSync;
export const pbkdf2: Crypto['pbkdf2'] = crypto.pbkdf2;
export const pbkdf2Sync: Crypto['pbkdf2Sync'] = crypto.pbkdf2Sync;
export const randomBytes: Crypto['randomBytes'] = crypto.randomBytes;
export const randomFill: Crypto['randomFill'] = crypto.randomFill;
export const randomFillSync: Crypto['randomFillSync'] = crypto.randomFillSync;
export const randomInt: Crypto['randomInt'] = crypto.randomInt;
export const scrypt: Crypto['scrypt'] = crypto.scrypt;
export const scryptSync: Crypto['scryptSync'] = crypto.scryptSync;
export const sign: Crypto['sign'] = crypto.sign;
export const verify: Crypto['verify'] = crypto.verify;
// From Node 24 on it has a callback form; before, it is Node's own.
export const diffieHellman: Crypto['diffieHellman'] = crypto.diffieHellman;
export default crypto;
