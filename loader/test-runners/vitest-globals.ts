/** `aevent/vitest/globals`: for `setupFiles` of a project with `globals: true`, whose tests and hooks are tasks then. */
import * as functions from './vitest.js';

Object.assign(globalThis, functions);
