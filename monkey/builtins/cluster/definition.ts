// The replaced `cluster`.
import { builtin } from '../../../runtime/base/builtins.js';
import type { MonkeyModule } from '../../kit/define-module.js';
import { cluster, implemented, real } from './cluster.js';

/** `cluster`: listeners on it and on its Workers run in tasks. */
export const definition: MonkeyModule<typeof real> = {
  name: 'cluster',
  real: builtin('cluster'),
  exports: cluster,
  implemented,
  added: [],
  passedThrough: Object.getOwnPropertyNames(real).filter((key) => !implemented.includes(key)),
};
