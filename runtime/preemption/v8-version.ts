// Facts about V8 versions that slicing depends on.
import { builtin } from '../base/builtins.js';

const process = builtin<typeof import('node:process')>('process');

/**
 * Before V8 12 the interpreter looks for interrupts at a function's entry by the same function of V8's as optimized loops do, so
 * their places cannot be told apart.
 */
export const harmlessEntries: boolean = Number(process.versions.v8.split('.')[0]) >= 12;
