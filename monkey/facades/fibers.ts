// The ES module that stands for `fibers`.
import type { FiberConstructor } from '../drop-ins/fibers/fiber.js';
import { loadDropIn } from '../facade.js';

const Fiber: FiberConstructor = loadDropIn<FiberConstructor>('fibers');

export { Fiber as 'module.exports' };
export default Fiber;
