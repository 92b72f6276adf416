/** The package: the runtime's API. Its `setup()` installs the loader. */
import './install.js';

export * from '../runtime/index.js';
export { default } from '../runtime/index.js';
