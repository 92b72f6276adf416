// `node:fs` from Node 26 on.
import { load } from '../facade.js';

type Fs = typeof import('node:fs');

const fs: Fs = load<Fs>('fs').exports;

export * from './fs-24.js';
export default fs;

/** Not in the type definitions yet. */
type OpenAsBlobSync = (...args: Parameters<Fs['openAsBlob']>) => Awaited<ReturnType<Fs['openAsBlob']>>;

export const openAsBlobSync: OpenAsBlobSync = (fs as Fs & { openAsBlobSync: OpenAsBlobSync }).openAsBlobSync;
