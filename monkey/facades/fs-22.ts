// `node:fs` from Node 22.0 on.
import { load } from '../facade.js';

type Fs = typeof import('node:fs');

const fs: Fs = load<Fs>('fs').exports;

export * from './fs.js';
export default fs;

export const glob: Fs['glob'] = fs.glob;
export const globSync: Fs['globSync'] = fs.globSync;
