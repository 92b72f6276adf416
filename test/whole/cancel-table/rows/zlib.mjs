// The step that the pool has begun goes on, and its engine is closed then.
import zlib from 'node:zlib';

export const modules = { zlib };

const DATA = Buffer.from(
  Array.from({ length: 40_000 }, (_, i) => ((i * 2654435761) >>> 0).toString(36)).join(' '),
);
const QUICK = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };

const pairs = [
  ['deflate', 'inflate'],
  ['deflateRaw', 'inflateRaw'],
  ['gzip', 'gunzip'],
  ['gzip', 'unzip'],
  ['brotliCompress', 'brotliDecompress', QUICK],
  ['zstdCompress', 'zstdDecompress'],
].filter(([name]) => name in zlib);

const row = (name, act) => ({ name: `zlib.${name}`, covers: [`zlib.${name}`], act });

export const rows = [
  ...pairs.flatMap(([compress, expand, options]) => {
    const packed = zlib[`${compress}Sync`](DATA, options);
    return [
      row(`${compress}Sync`, () => zlib[`${compress}Sync`](DATA, options)),
      row(`${expand}Sync`, () => zlib[`${expand}Sync`](packed)),
    ];
  }),
  {
    name: 'an engine that a package drives',
    arrange: () => new zlib.Gzip(),
    act: (gzip) => gzip._processChunk(DATA, zlib.constants.Z_FINISH),
    after: (gzip) => gzip.close(),
  },
];
