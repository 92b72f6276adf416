// `node:tls` from Node 22.19 and 24.5 on.
import { load } from '../facade.js';

type Tls = typeof import('node:tls');

const tls: Tls = load<Tls>('tls').exports;

export * from './tls.js';
export default tls;

export const getCACertificates: Tls['getCACertificates'] = tls.getCACertificates;
export const setDefaultCACertificates: Tls['setDefaultCACertificates'] = tls.setDefaultCACertificates;
