import { loadDropIn } from '../../facade.js';
import type { FutureConstructor } from '../../fibers/future.js';

const Future: FutureConstructor = loadDropIn<FutureConstructor>('fibers/future');

export { Future as 'module.exports' };
export default Future;
