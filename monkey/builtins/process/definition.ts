// The replaced `process`.
import type { MonkeyModule } from '../../kit/define-module.js';
import { process, real } from './process.js';

/** `process`: callbacks of `nextTick`, and listeners, run in tasks. */
export const definition: MonkeyModule<typeof real> = {
  name: 'process',
  real,
  exports: process,
  implemented: ['nextTick'],
  added: [],
  passedThrough: Object.getOwnPropertyNames(real).filter((key) => key !== 'nextTick'),
};
