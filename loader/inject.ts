/** What `--loader aevent/loader` has the entry point import: the application thread's half. */
import { install } from './install.js';

install().hasLoaderThread = true;
