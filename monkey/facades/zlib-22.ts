// `node:zlib` from Node 22.15 on, which has zstd.
import { load } from '../facade.js';

type Zlib = typeof import('node:zlib');

const zlib: Zlib = load<Zlib>('zlib').exports;

export * from './zlib.js';
export default zlib;

export const ZstdCompress: Zlib['ZstdCompress'] = zlib.ZstdCompress;
export const createZstdCompress: Zlib['createZstdCompress'] = zlib.createZstdCompress;
export const zstdCompress: Zlib['zstdCompress'] = zlib.zstdCompress;
export const zstdCompressSync: Zlib['zstdCompressSync'] = zlib.zstdCompressSync;
export const ZstdDecompress: Zlib['ZstdDecompress'] = zlib.ZstdDecompress;
export const createZstdDecompress: Zlib['createZstdDecompress'] = zlib.createZstdDecompress;
export const zstdDecompress: Zlib['zstdDecompress'] = zlib.zstdDecompress;
export const zstdDecompressSync: Zlib['zstdDecompressSync'] = zlib.zstdDecompressSync;
