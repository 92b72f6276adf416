import { load } from '../facade.js';

type Process = typeof import('node:process');

const process: Process = load<Process>('process').exports;

// @ts-expect-error: @types/node declares this module by `export =`; it has named exports all the same.
export * from 'node:process';
export const nextTick: Process['nextTick'] = process.nextTick;
export default process;
