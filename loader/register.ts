/**
 * `node --import aevent/register app.mjs`, `node -r aevent/register app.cjs`, or either in NODE_OPTIONS: what the
 * program imports and requires are aevent's modules. No top-level await: `-r` could not load it.
 */
import { install } from './install.js';

install();
