// crypto: the same results and errors as natively, from the thread pool.
import type * as node from 'node:crypto';
import { describe, expect, it } from 'vitest';
import replaced from '../../../dist/monkey/facades/crypto.js';
import { call, createTaskGroup, native, setup } from '../../../dist/runtime/index.js';
import { pause } from '../../support/tools.js';
import { loopTurnsDuring, nativelyAndInTask } from '../native-and-task.js';

type Crypto = typeof node;
type Anything = (...args: unknown[]) => unknown;

const real = process.getBuiltinModule('node:crypto') as Crypto;
const any = (crypto: Crypto): Record<string, Anything> => crypto as never;
const rsa = real.generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = real.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = real.generateKeyPairSync('ed25519');
const x = real.generateKeyPairSync('x25519');
const data = Buffer.from('what is signed');
const signature = real.sign('sha256', data, rsa.privateKey);
const bytes = Buffer.alloc(200_000, 'x');
const pem = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' } as const;

/** Calls that give the same each time, or throw. */
const cases: [string, (crypto: Crypto) => unknown][] = [
  ['pbkdf2Sync, few rounds', (c) => c.pbkdf2Sync('password', 'salt', 5, 20, 'sha1')],
  ['pbkdf2Sync, many rounds', (c) => c.pbkdf2Sync('password', Buffer.from('salt'), 3000, 64, 'sha512')],
  ['pbkdf2Sync of much', (c) => c.pbkdf2Sync(bytes, 'salt', 1, 20, 'sha256')],
  ['pbkdf2Sync of nothing', (c) => c.pbkdf2Sync('', '', 1000, 0, 'sha256')],
  ['pbkdf2Sync without digest', (c) => any(c).pbkdf2Sync?.('p', 's', 1000, 20)],
  ['pbkdf2Sync with a function for the digest', (c) => any(c).pbkdf2Sync?.('p', 's', 1000, 20, () => {})],
  ['pbkdf2Sync with an unknown digest', (c) => c.pbkdf2Sync('p', 's', 1000, 20, 'sha0')],
  ['pbkdf2Sync with no rounds', (c) => c.pbkdf2Sync('p', 's', 0, 20, 'sha1')],
  ['pbkdf2Sync with NaN rounds', (c) => c.pbkdf2Sync('p', 's', Number.NaN, 20, 'sha1')],
  ['pbkdf2Sync with a negative length', (c) => c.pbkdf2Sync('p', 's', 1000, -1, 'sha1')],
  ['pbkdf2Sync of a number', (c) => any(c).pbkdf2Sync?.(1, 's', 1000, 20, 'sha1')],
  ['scryptSync', (c) => c.scryptSync('p', 's', 32)],
  ['scryptSync with options', (c) => c.scryptSync('p', 's', 16, { cost: 1024, r: 4, parallelization: 2 })],
  ['scryptSync with too little memory', (c) => c.scryptSync('p', 's', 16, { maxmem: 1024 })],
  ['scryptSync with a cost that is no power of two', (c) => c.scryptSync('p', 's', 16, { N: 1000 })],
  ['scryptSync with two costs', (c) => c.scryptSync('p', 's', 16, { N: 1024, cost: 1024 })],
  ['scryptSync without arguments', (c) => any(c).scryptSync?.()],
  ['hkdfSync', (c) => c.hkdfSync('sha256', 'key', 'salt', 'info', 42)],
  ['hkdfSync of a KeyObject', (c) => c.hkdfSync('sha1', c.createSecretKey(data), '', '', 42)],
  ['hkdfSync of much', (c) => c.hkdfSync('sha512', bytes, bytes, '', 100)],
  ['hkdfSync of too much', (c) => c.hkdfSync('sha512', bytes, bytes, '', 255 * 64 + 1)],
  ['hkdfSync with long info', (c) => c.hkdfSync('sha512', bytes, bytes, bytes, 10)],
  ['hkdfSync with an unknown digest', (c) => c.hkdfSync('sha0', bytes, '', '', 10)],
  ['generateKeySync of an unknown type', (c) => any(c).generateKeySync?.('rsa', { length: 8 })],
  ['generateKeySync without options', (c) => any(c).generateKeySync?.('hmac')],
  ['generateKeySync, too short', (c) => c.generateKeySync('hmac', { length: 4 })],
  ['generateKeyPairSync of an unknown type', (c) => any(c).generateKeyPairSync?.('aes', {})],
  ['generateKeyPairSync without options', (c) => any(c).generateKeyPairSync?.('rsa')],
  ['generateKeyPairSync with a function', (c) => any(c).generateKeyPairSync?.('rsa', () => {})],
  ['generateKeyPairSync, no such curve', (c) => c.generateKeyPairSync('ec', { namedCurve: 'P-1' })],
  ['generateKeyPairSync, too short', (c) => c.generateKeyPairSync('rsa', { modulusLength: 1 })],
  ['generatePrimeSync of no size', (c) => any(c).generatePrimeSync?.()],
  ['generatePrimeSync with null', (c) => any(c).generatePrimeSync?.(8, null)],
  ['generatePrimeSync, impossible', (c) => c.generatePrimeSync(8, { add: 1000n, rem: 7n })],
  ['checkPrimeSync, small', (c) => [2n, 4n, 7919n, 2n ** 61n - 1n].map((n) => c.checkPrimeSync(n))],
  ['checkPrimeSync, large', (c) => [c.checkPrimeSync(2n ** 521n - 1n), c.checkPrimeSync(2n ** 521n + 1n)]],
  ['checkPrimeSync with options', (c) => c.checkPrimeSync(Buffer.from([17]), { checks: 10 })],
  ['checkPrimeSync with bad options', (c) => c.checkPrimeSync(17n, { checks: -1 })],
  ['checkPrimeSync of a negative', (c) => c.checkPrimeSync(-1n)],
  ['checkPrimeSync of text', (c) => any(c).checkPrimeSync?.('17')],
  ['randomBytes of no size', (c) => any(c).randomBytes?.()],
  ['randomBytes of less than nothing', (c) => c.randomBytes(-1)],
  ['randomBytes of too much', (c) => c.randomBytes(2 ** 31)],
  ['randomBytes with a callback that is none', (c) => any(c).randomBytes?.(8, null)],
  ['randomFillSync of nothing', (c) => any(c).randomFillSync?.()],
  ['randomFillSync out of bounds', (c) => c.randomFillSync(Buffer.alloc(100_000), 100_001)],
  ['randomFillSync, too much', (c) => c.randomFillSync(Buffer.alloc(100_000), 10, 100_000)],
  ['randomFillSync with a function', (c) => any(c).randomFillSync?.(Buffer.alloc(100_000), () => {})],
  ['sign', (c) => c.sign('sha256', data, rsa.privateKey)],
  ['sign by Ed25519', (c) => c.sign(null, data, ed.privateKey)],
  [
    'sign by a key as text',
    (c) => c.sign('sha1', data, rsa.privateKey.export({ ...pem, cipher: undefined })),
  ],
  ['sign without a passphrase', (c) => c.sign('sha1', data, rsa.privateKey.export(pem))],
  ['sign by a public key', (c) => c.sign('sha256', data, rsa.publicKey)],
  ['sign with an unknown digest', (c) => c.sign('sha0', data, rsa.privateKey)],
  ['sign with bad padding', (c) => c.sign('sha256', data, { key: rsa.privateKey, padding: 77 })],
  ['sign without key', (c) => any(c).sign?.('sha256', data)],
  ['sign with a callback that is none', (c) => any(c).sign?.('sha256', data, rsa.privateKey, null)],
  ['verify', (c) => c.verify('sha256', data, rsa.publicKey, signature)],
  ['verify what was changed', (c) => c.verify('sha256', Buffer.from('else'), rsa.publicKey, signature)],
  ['verify with another key', (c) => c.verify(null, data, ed.publicKey, signature)],
  ['verify with no key', (c) => c.verify('sha256', data, 'no key', signature)],
  ['verify of no signature', (c) => any(c).verify?.('sha256', data, rsa.publicKey)],
  ['diffieHellman', (c) => c.diffieHellman({ privateKey: x.privateKey, publicKey: x.publicKey })],
  ['diffieHellman, mixed', (c) => c.diffieHellman({ privateKey: x.privateKey, publicKey: ec.publicKey })],
  ['diffieHellman of nothing', (c) => any(c).diffieHellman?.({})],
  ['argon2Sync', (c) => any(c).argon2Sync?.('argon2id', argon2)],
  ['argon2Sync of an unknown kind', (c) => any(c).argon2Sync?.('argon3', argon2)],
  ['argon2Sync with little memory', (c) => any(c).argon2Sync?.('argon2d', { ...argon2, memory: 1 })],
  ['encapsulate with no key', (c) => any(c).encapsulate?.('no key')],
  ['decapsulate, too short', (c) => any(c).decapsulate?.(x.privateKey, data)],
];

const argon2 = {
  message: 'message',
  nonce: '16 bytes of salt',
  parallelism: 2,
  tagLength: 32,
  memory: 64,
  passes: 2,
};

it.each(cases)('%s: the same as natively', async (_, run) => {
  const { native, task } = await nativelyAndInTask(real, replaced, run);
  expect(task).toEqual(native);
});

/** Calls that give something else each time; what is compared of it. */
const random: [string, (crypto: Crypto) => unknown, (value: never) => unknown][] = [
  ['randomBytes', (c) => c.randomBytes(16), (made: Buffer) => [made.length, made.constructor.name]],
  ['randomBytes, many', (c) => c.randomBytes(300_000), (made: Buffer) => [made.length, new Set(made).size]],
  ['randomFillSync', (c) => c.randomFillSync(new Uint32Array(4)), (made: Uint32Array) => made.length],
  [
    'randomFillSync of a part of much',
    (c) => c.randomFillSync(Buffer.alloc(300_000), 100_000, 100_000),
    (made: Buffer) => [new Set(made.subarray(0, 100_000)), new Set(made.subarray(100_000, 200_000)).size],
  ],
  [
    'randomFillSync of what has larger elements',
    (c) => c.randomFillSync(new Uint32Array(50_000), 25_000),
    (made: Uint32Array) => [new Set(made.subarray(0, 25_000)), new Set(made.subarray(25_000)).size > 24_000],
  ],
  [
    'randomFillSync of an ArrayBuffer',
    (c) => c.randomFillSync(new ArrayBuffer(100_000)),
    (made: ArrayBuffer) => new Set(new Uint8Array(made)).size,
  ],
  ['generateKeySync of AES', (c) => c.generateKeySync('aes', { length: 192 }), describeKey],
  ['generateKeySync of HMAC', (c) => c.generateKeySync('hmac', { length: 4096 }), describeKey],
  [
    'generateKeyPairSync',
    (c) => c.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    (pair: node.KeyPairKeyObjectResult) => [Object.keys(pair), describeKey(pair.publicKey)],
  ],
  [
    'generateKeyPairSync, encoded',
    (c) =>
      c.generateKeyPairSync('rsa', {
        modulusLength: 1024,
        publicKeyEncoding: { type: 'spki', format: 'der' },
        privateKeyEncoding: pem,
      }),
    (pair: { publicKey: Buffer; privateKey: string }) => [
      Object.keys(pair),
      pair.publicKey.length,
      pair.privateKey.slice(0, 30),
    ],
  ],
  ['generatePrimeSync', (c) => c.generatePrimeSync(128), (made: ArrayBuffer) => made.byteLength],
  [
    'generatePrimeSync of a bigint',
    (c) => c.generatePrimeSync(64, { bigint: true, add: 12n, rem: 11n }),
    (made: bigint) => [typeof made, made % 12n],
  ],
  [
    'encapsulate',
    (c) => any(c).encapsulate?.(rsa.publicKey),
    (made?: { sharedKey: Buffer; ciphertext: Buffer }) =>
      made && [made.sharedKey.byteLength, made.ciphertext.byteLength],
  ],
];

function describeKey(key: node.KeyObject): unknown {
  return [key.type, key.symmetricKeySize, key.asymmetricKeyType, key instanceof real.KeyObject];
}

it.each(random)('%s: of the same kind as natively', async (_, run, describe) => {
  const { native, task } = await nativelyAndInTask(real, replaced, run, describe as never);
  expect(task).toEqual(native);
  expect(native).toHaveProperty('value');
});

describe('what takes long', () => {
  const long: [string, (crypto: Crypto) => unknown][] = [
    ['pbkdf2Sync', (c) => c.pbkdf2Sync('p', 's', 50_000, 64, 'sha512')],
    ['scryptSync', (c) => c.scryptSync('p', 's', 64)],
    ['generateKeyPairSync', (c) => c.generateKeyPairSync('rsa', { modulusLength: 1024 })],
    ['generatePrimeSync', (c) => c.generatePrimeSync(768)],
    ['randomBytes', (c) => c.randomBytes(10_000_000)],
    ['sign', (c) => c.sign('sha256', Buffer.alloc(10_000_000), rsa.privateKey)],
  ];
  it.each(long)('%s lets the loop turn', async (_, run) => {
    expect(await loopTurnsDuring(() => run(replaced))).toBeGreaterThan(0);
    expect(await loopTurnsDuring(() => native(() => run(replaced)))).toBe(0);
  });

  it('runs side by side in several tasks', async () => {
    const salts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const log: string[] = [];
    const made = await call(() => {
      const found: string[] = [];
      const tasks = createTaskGroup();
      for (const salt of salts) {
        tasks.spawn(() => {
          log.push('begins');
          found.push(`${salt} ${replaced.scryptSync('password', salt, 16, { N: 4096 }).toString('hex')}`);
          log.push('ends');
        });
      }
      tasks[Symbol.dispose]();
      return found.sort();
    });
    expect(log.slice(0, 8)).toEqual(Array(8).fill('begins'));
    expect(made).toEqual(
      salts.map((salt) => `${salt} ${real.scryptSync('password', salt, 16, { N: 4096 }).toString('hex')}`),
    );
  });
});

describe('what is small', () => {
  const small: [string, () => unknown][] = [
    ['randomBytes', () => replaced.randomBytes(16)],
    ['randomFillSync', () => replaced.randomFillSync(Buffer.alloc(16))],
    ['pbkdf2Sync', () => replaced.pbkdf2Sync('p', 's', 1, 20, 'sha1')],
    ['hkdfSync', () => replaced.hkdfSync('sha1', 'k', 's', 'i', 20)],
    ['generateKeySync', () => replaced.generateKeySync('aes', { length: 128 })],
  ];
  it.each(small)('%s runs natively, under the budget', async (_, run) => {
    setup({ maxBlockMs: 60_000 });
    try {
      expect(await loopTurnsDuring(run)).toBe(0);
      setup({ policy: { crypto: 'always' } });
      expect(await loopTurnsDuring(run)).toBeGreaterThan(0);
    } finally {
      setup({ maxBlockMs: 1, policy: { crypto: 'auto' } });
    }
  });

  it('and everything where the policy is never', async () => {
    setup({ policy: { crypto: 'never' } });
    try {
      expect(await loopTurnsDuring(() => replaced.scryptSync('p', 's', 16))).toBe(0);
    } finally {
      setup({ policy: { crypto: 'auto' } });
    }
  });
});

type Back = (error: unknown, ...values: unknown[]) => void;
const callbacks: [string, (crypto: Record<string, Anything>, back: Back) => unknown][] = [
  ['pbkdf2', (c, back) => c.pbkdf2?.('p', 's', 10, 20, 'sha1', back)],
  ['scrypt', (c, back) => c.scrypt?.('p', 's', 20, back)],
  ['hkdf', (c, back) => c.hkdf?.('sha1', 'k', 's', 'i', 20, back)],
  ['generateKey', (c, back) => c.generateKey?.('aes', { length: 128 }, back)],
  ['generateKeyPair', (c, back) => c.generateKeyPair?.('ed25519', back)],
  ['generatePrime', (c, back) => c.generatePrime?.(32, back)],
  ['checkPrime', (c, back) => c.checkPrime?.(17n, back)],
  ['randomBytes', (c, back) => c.randomBytes?.(16, back)],
  ['randomFill', (c, back) => c.randomFill?.(Buffer.alloc(16), 4, back)],
  ['randomInt', (c, back) => c.randomInt?.(16, back)],
  ['sign', (c, back) => c.sign?.('sha1', data, rsa.privateKey, back)],
  ['verify', (c, back) => c.verify?.('sha256', data, rsa.publicKey, signature, back)],
  ['diffieHellman', (c, back) => c.diffieHellman?.(x, back)],
  ['argon2', (c, back) => c.argon2?.('argon2i', argon2, back)],
  ['encapsulate', (c, back) => c.encapsulate?.(rsa.publicKey, back)],
];

it.each(callbacks.filter(([name]) => name !== 'diffieHellman' || real.diffieHellman.length > 1))(
  'the callback of %s may suspend',
  async (name, run) => {
    if (!(name in real)) return;
    const [error, ...values] = await call(
      () =>
        new Promise<unknown[]>((resolve) => {
          const back = (...given: unknown[]): void => {
            pause();
            resolve(given);
          };
          expect(run(any(replaced), back)).toBe(undefined);
        }),
    );
    expect(error == null).toBe(true);
    expect(values.length).toBe(name === 'generateKeyPair' ? 2 : 1);
  },
);
