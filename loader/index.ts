/** The package: the runtime's API. Its `setup()` installs the loader. */
import './install.js';

// Its declarations reach each program that imports 'aevent'.
export type * from '../monkey/builtins/augmentations.js';
export * from '../runtime/index.js';
export { default } from '../runtime/index.js';
