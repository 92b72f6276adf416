// The module that `import 'deasync'` gives under aevent.
import type { DropIn } from '../../registry.js';
import { type Deasync, deasync } from './deasync.js';

/** `deasync`. */
export const definition: DropIn<Deasync> = { exports: deasync };
