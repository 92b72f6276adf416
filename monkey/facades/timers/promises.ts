import { load } from '../../facade.js';

type TimersPromises = typeof import('node:timers/promises');

const promises: TimersPromises = load<TimersPromises>('timers/promises').exports;

export * from 'node:timers/promises';
export default promises;
