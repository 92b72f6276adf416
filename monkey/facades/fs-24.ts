// `node:fs` from Node 24.4 on.
import { load } from '../facade.js';

type Fs = typeof import('node:fs');

const fs: Fs = load<Fs>('fs').exports;

export * from './fs-22.js';
export default fs;

export const mkdtempDisposableSync: Fs['mkdtempDisposableSync'] = fs.mkdtempDisposableSync;
