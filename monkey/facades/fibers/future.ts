// The ES module that stands for `fibers/future`.
import type { FutureConstructor } from '../../drop-ins/fibers/future.js';
import { loadDropIn } from '../../facade.js';

const Future: FutureConstructor = loadDropIn<FutureConstructor>('fibers/future');

export { Future as 'module.exports' };
export default Future;
