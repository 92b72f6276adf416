// The module that `import 'fibers/future'` gives under aevent.
import './definition.js';
import type { DropIn } from '../../registry.js';
import { Future, type FutureConstructor } from './future.js';

/** `fibers/future`. */
export const definition: DropIn<FutureConstructor> = { exports: Future };
