// What the pool has begun goes on; nothing of it may be left afterwards.
import crypto from 'node:crypto';

export const modules = { crypto };

const HASH = 'sha512';
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = crypto.generateKeyPairSync('x25519');
const MUCH = Buffer.alloc(1 << 20);
const ARGON2 = {
  message: 'm',
  nonce: 'nonce of 16 byte',
  parallelism: 1,
  tagLength: 16,
  memory: 1024,
  passes: 2,
};

const row = (name, act) => ({ name: `crypto.${name}`, covers: [`crypto.${name.split(' ')[0]}`], act });

export const rows = [
  row('pbkdf2Sync', () => crypto.pbkdf2Sync('p', 's', 5000, 64, HASH)),
  row('scryptSync', () => crypto.scryptSync('p', 's', 64, { N: 2048 })),
  row('hkdfSync of much', () => crypto.hkdfSync(HASH, MUCH, MUCH, '', 1000)),
  row('generateKeySync', () => crypto.generateKeySync('hmac', { length: 1 << 20 })),
  row('generateKeyPairSync', () => crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })),
  row('generatePrimeSync', () => crypto.generatePrimeSync(256)),
  row('checkPrimeSync', () => crypto.checkPrimeSync(2n ** 521n - 1n)),
  row('randomBytes of much', () => crypto.randomBytes(MUCH.length)),
  row('randomFillSync of much', () => crypto.randomFillSync(Buffer.alloc(MUCH.length))),
  row('sign', () => crypto.sign(HASH, MUCH, rsa.privateKey)),
  row('verify', () => crypto.verify(HASH, MUCH, rsa.publicKey, Buffer.alloc(256))),
  ...(crypto.argon2Sync ? [row('argon2Sync', () => crypto.argon2Sync('argon2id', ARGON2))] : []),
  ...(crypto.diffieHellman.length > 1 ? [row('diffieHellman', () => crypto.diffieHellman(ec))] : []),
  ...(crypto.encapsulate
    ? [
        row('encapsulate', () => crypto.encapsulate(rsa.publicKey)),
        {
          ...row('decapsulate', ({ ciphertext }) => crypto.decapsulate(rsa.privateKey, ciphertext)),
          arrange: () => crypto.encapsulate(rsa.publicKey),
        },
      ]
    : []),
];
