/**
 * What `-r aevent/auto` loads (by the package's export conditions): auto-commonjs.ts, as an ES module whatever require()
 * is.
 */
import { requireOwn } from '../runtime/require-own.js';

requireOwn(new URL('./auto-commonjs.js', import.meta.url));
