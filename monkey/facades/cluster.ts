import { load } from '../facade.js';

type Cluster = import('node:cluster').Cluster;

const cluster: Cluster = load<Cluster>('cluster').exports;

// @ts-expect-error: @types/node declares this module by `export =`; it has named exports all the same.
export * from 'node:cluster';
export const Worker: Cluster['Worker'] = cluster.Worker;
export const fork: Cluster['fork'] = cluster.fork;
export default cluster;
