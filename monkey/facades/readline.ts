import { load } from '../facade.js';

type Readline = typeof import('node:readline');

const readline: Readline = load<Readline>('readline').exports;

export * from 'node:readline';
export const Interface: Readline['Interface'] = readline.Interface;
export const createInterface: Readline['createInterface'] = readline.createInterface;
export const promises: Readline['promises'] = readline.promises;
export default readline;
