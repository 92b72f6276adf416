// Which of Node's test files belong to which family. A file is `<directory>/<name>`, below `test/`.
const inParallel = (names) => new RegExp(`^(parallel|sequential)/test-(${names})`);

/** Patterns of files, by family. */
export const families = {
  'async-hooks':
    /^(async-hooks\/test-|parallel\/test-(async-(hooks|wrap)|asyncresource|emit-(before|after)))/,
  'async-local-storage': inParallel('als|async-local-storage|asynclocalstorage|async-context'),
  'child-process': inParallel('child-process|spawn|exec'),
  cluster: inParallel('cluster'),
  crypto: inParallel('crypto|webcrypto'),
  dgram: inParallel('dgram'),
  'diagnostics-channel': inParallel('diagnostics-channel'),
  dns: inParallel('dns'),
  domain: inParallel('domain'),
  events: inParallel('event|abort|emit-'),
  fs: inParallel('fs|file'),
  http: inParallel('http(?!2)'),
  http2: inParallel('http2'),
  microtask: inParallel('microtask|queue-microtask'),
  modules:
    /^((es-module|module-hooks)\/test-|parallel\/test-(module|require|cjs|esm|preload|loader|global|bootstrap))/,
  net: inParallel('net|tcp|pipe|socket'),
  process: inParallel('process|beforeexit|exit|signal|uncaught|unhandled|error-reporting|stdin|stdout|stdio'),
  promises: inParallel('promise'),
  readline: inParallel('readline'),
  stream: inParallel('stream'),
  timers: inParallel(
    'timer|next-tick|immediate|set-|clear|settimeout|setimmediate|ref-unref|nodeeventtarget',
  ),
  tls: inParallel('tls'),
  util: inParallel('util'),
  vm: inParallel('vm'),
  worker: inParallel('worker|atomics|messag|broadcast'),
  zlib: inParallel('zlib|brotli'),
};

/** The families of whose modules aevent replaces something; those that run when none is named. */
export const replaced = [
  'async-hooks',
  'async-local-storage',
  'child-process',
  'crypto',
  'dgram',
  'dns',
  'domain',
  'events',
  'fs',
  'http',
  'microtask',
  'modules',
  'net',
  'process',
  'promises',
  'readline',
  'stream',
  'timers',
  'tls',
  'vm',
  'worker',
  'zlib',
];
