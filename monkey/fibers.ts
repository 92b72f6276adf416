import type { FiberConstructor } from './fibers/fiber.js';
import { loadDropIn } from './registry.js';

const Fiber: FiberConstructor = loadDropIn<FiberConstructor>('fibers');

export { Fiber as 'module.exports' };
export default Fiber;
