import { load } from '../../facade.js';

type Promises = typeof import('node:readline/promises');

const promises: Promises = load<Promises>('readline/promises').exports;

export * from 'node:readline/promises';
export const Interface: Promises['Interface'] = promises.Interface;
export const createInterface: Promises['createInterface'] = promises.createInterface;
export default promises;
