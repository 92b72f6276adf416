import { loadDropIn } from '../facade.js';
import type { FiberConstructor } from '../fibers/fiber.js';

const Fiber: FiberConstructor = loadDropIn<FiberConstructor>('fibers');

export { Fiber as 'module.exports' };
export default Fiber;
