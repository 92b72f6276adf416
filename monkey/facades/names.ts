// The names that the facades of builtins have of aevent's: replaced or added. All others are Node's own. Named exports are
// static, so each Node line that brought a name has a facade of its own, which goes on from the one before.
// integration/support/facades.mjs makes the ES modules and their types of this table; test/monkey/contract.test.ts compares
// it with the module on each Node.

/** An ES module that stands for a builtin. */
export interface Facade {
  /** The builtin, without `node:`. */
  readonly of: string;
  /** The facade that has the names of older Nodes; none for the oldest. */
  readonly after?: string;
  /** The names, in words. */
  readonly names: string;
}

/** By file name, without its ending. */
export const facades: Readonly<Record<string, Facade>> = {
  child_process: {
    of: 'child_process',
    names: 'ChildProcess exec execFile execFileSync execSync fork spawn spawnSync',
  },
  cluster: { of: 'cluster', names: 'Worker fork' },
  'crypto-24': { of: 'crypto', after: 'crypto', names: 'argon2 argon2Sync decapsulate encapsulate' },
  crypto: {
    of: 'crypto',
    names:
      'checkPrime checkPrimeSync generateKey generateKeyPair generateKeyPairSync generateKeySync ' +
      'generatePrime generatePrimeSync hkdf hkdfSync pbkdf2 pbkdf2Sync randomBytes randomFill ' +
      'randomFillSync randomInt scrypt scryptSync sign verify diffieHellman',
  },
  dgram: { of: 'dgram', names: 'Socket createSocket' },
  'dns-22': { of: 'dns', after: 'dns', names: 'resolveTlsa resolveTlsaSync' },
  dns: {
    of: 'dns',
    names:
      'lookup lookupService Resolver promises setServers resolve resolve4 resolve6 resolveAny resolveCaa ' +
      'resolveCname resolveMx resolveNaptr resolveNs resolvePtr resolveSoa resolveSrv resolveTxt reverse ' +
      'lookupSync lookupServiceSync resolveSync resolve4Sync resolve6Sync resolveAnySync resolveCaaSync ' +
      'resolveCnameSync resolveMxSync resolveNaptrSync resolveNsSync resolvePtrSync resolveSoaSync ' +
      'resolveSrvSync resolveTxtSync reverseSync',
  },
  'dns/promises-22': { of: 'dns/promises', after: 'dns/promises', names: 'resolveTlsaSync' },
  'dns/promises': {
    of: 'dns/promises',
    names:
      'Resolver setServers lookupSync lookupServiceSync resolveSync resolve4Sync resolve6Sync ' +
      'resolveAnySync resolveCaaSync resolveCnameSync resolveMxSync resolveNaptrSync resolveNsSync ' +
      'resolvePtrSync resolveSoaSync resolveSrvSync resolveTxtSync reverseSync',
  },
  domain: { of: 'domain', names: 'Domain create createDomain' },
  events: {
    of: 'events',
    names:
      'EventEmitter EventEmitterAsyncResource addAbortListener getEventListeners on once onceSync onSync',
  },
  'fs-22': { of: 'fs', after: 'fs', names: 'glob globSync' },
  'fs-24': { of: 'fs', after: 'fs-22', names: 'mkdtempDisposableSync' },
  'fs-26': { of: 'fs', after: 'fs-24', names: 'openAsBlobSync' },
  fs: {
    of: 'fs',
    names:
      'access accessSync appendFile appendFileSync chmod chmodSync chown chownSync close closeSync copyFile ' +
      'copyFileSync cp cpSync createReadStream createWriteStream exists existsSync fchmod fchmodSync fchown ' +
      'fchownSync fdatasync fdatasyncSync fstat fstatSync fsync fsyncSync ftruncate ftruncateSync futimes ' +
      'futimesSync lchmod lchmodSync lchown lchownSync link linkSync lstat lstatSync lutimes lutimesSync ' +
      'mkdir mkdirSync mkdtemp mkdtempSync open opendir opendirSync openSync read readdir readdirSync ' +
      'readFile readFileSync readlink readlinkSync readSync readv readvSync realpath realpathSync rename ' +
      'renameSync rm rmdir rmdirSync rmSync stat statfs statfsSync statSync symlink symlinkSync truncate ' +
      'truncateSync unlink unlinkSync utimes utimesSync watch watchFile write writeFile writeFileSync ' +
      'writeSync writev writevSync',
  },
  http: {
    of: 'http',
    names:
      'ClientRequest IncomingMessage OutgoingMessage Server ServerResponse createServer get request getSync ' +
      'requestSync',
  },
  http2: { of: 'http2', names: 'connect createServer createSecureServer' },
  https: { of: 'https', names: 'Server createServer get request getSync requestSync' },
  inspector: { of: 'inspector', names: 'Session' },
  'inspector/promises': { of: 'inspector/promises', names: 'Session' },
  net: {
    of: 'net',
    names: 'Socket Stream Server connect createConnection createServer connectSync',
  },
  process: { of: 'process', names: 'nextTick' },
  readline: { of: 'readline', names: 'Interface createInterface promises' },
  'readline/promises': { of: 'readline/promises', names: 'Interface createInterface' },
  stream: {
    of: 'stream',
    names:
      'Stream Readable Writable Duplex Transform PassThrough compose finished pipeline promises ' +
      'finishedSync pipelineSync',
  },
  'stream/consumers': {
    of: 'stream/consumers',
    names: 'arrayBufferSync blobSync bufferSync jsonSync textSync',
  },
  'stream/promises': { of: 'stream/promises', names: 'finishedSync pipelineSync' },
  timers: { of: 'timers', names: 'setImmediate setInterval setTimeout sleepSync' },
  'timers/promises': { of: 'timers/promises', names: '' },
  'tls-24': { of: 'tls', after: 'tls', names: 'getCACertificates setDefaultCACertificates' },
  tls: { of: 'tls', names: 'Server TLSSocket connect createServer connectSync' },
  tty: { of: 'tty', names: 'ReadStream WriteStream' },
  worker_threads: {
    of: 'worker_threads',
    names: 'Worker receiveMessageSync isMainThread parentPort resourceLimits threadId workerData',
  },
  'zlib-22': {
    of: 'zlib',
    after: 'zlib',
    names:
      'ZstdCompress createZstdCompress zstdCompress zstdCompressSync ZstdDecompress createZstdDecompress ' +
      'zstdDecompress zstdDecompressSync',
  },
  zlib: {
    of: 'zlib',
    names:
      'Deflate createDeflate deflate deflateSync DeflateRaw createDeflateRaw deflateRaw deflateRawSync Gzip ' +
      'createGzip gzip gzipSync Inflate createInflate inflate inflateSync InflateRaw createInflateRaw ' +
      'inflateRaw inflateRawSync Gunzip createGunzip gunzip gunzipSync Unzip createUnzip unzip unzipSync ' +
      'BrotliCompress createBrotliCompress brotliCompress brotliCompressSync BrotliDecompress ' +
      'createBrotliDecompress brotliDecompress brotliDecompressSync',
  },
};
