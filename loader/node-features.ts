/**
 * Differences between the Node versions that aevent runs on, each with its reason. Where a feature can be
 * asked for, it is, and not the version: features are backported.
 */
import { builtin } from '../runtime/base/builtins.js';

const nodeModule = builtin<Partial<typeof import('node:module')>>('module');

/**
 * `module.registerHooks()`: hooks that run in the thread that imports, for `import` and `require` alike.
 * Node 22.15, 23.5 and later. Without it hooks live in a thread of their own (`module.register()`, which costs
 * 30 ms and more at start-up, and warns since Node 26).
 * @see https://github.com/nodejs/node/pull/55698
 */
export const registerHooks: typeof import('node:module').registerHooks | undefined = nodeModule.registerHooks;

/**
 * The ES module loader evaluates type-stripped CommonJS with a `require()` of its own, which goes past
 * `Module.prototype.require` and cannot load our facades. It does not if it is told that the format is 'commonjs'.
 * Node 22 and 23.
 * @see https://github.com/nodejs/node/blob/v22.18.0/lib/internal/modules/esm/translators.js (`loadCJSModule`)
 */
export const requiresTypedCommonJsItself: boolean = /^v2[23]\./.test(process.version);
