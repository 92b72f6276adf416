// The module that `import 'fibers'` gives under aevent.
import type { DropIn } from '../../registry.js';
import { Fiber, type FiberConstructor } from './fiber.js';

// Where the package's own files look first: so parts of it that are loaded by their paths agree with this one.
Object.defineProperty(process, 'fiberLib', { value: Fiber, writable: true, configurable: true });

/** `fibers`. */
export const definition: DropIn<FiberConstructor> = { exports: Fiber };
