// Facts about Node's versions that the runtime needs, each with its reason.
import { builtin } from './builtins.js';
import { splitOptions } from './preload-options.js';

const process = builtin<typeof import('node:process')>('process');

const [major = 0] = process.versions.node.split('.').map(Number);

/** Node's own options: of the command line and of NODE_OPTIONS. */
export const flags: readonly string[] = [
  ...process.execArgv,
  ...splitOptions(process.env.NODE_OPTIONS ?? ''),
];

/**
 * Node keeps AsyncLocalStorage in V8's continuation-preserved embedder data: by default since 24.0, on 22 with
 * `--experimental-async-context-frame`. Where it doesn't, that slot is free and follows promises at no cost, while
 * one AsyncLocalStorage would switch on promise hooks for the whole program. Node has two classes, and which one it
 * is cannot be told from flags alone (a config file may set them): the older one spreads stores by hooks.
 * @see https://github.com/nodejs/node/pull/55552
 */
export const usesAsyncContextFrame: boolean = !(
  '_propagate' in builtin<typeof import('node:async_hooks')>('async_hooks').AsyncLocalStorage.prototype
);

/** V8 11.3 leaves the continuation data of one microtask to the next if that one captured `undefined`. */
export const clearsAfterCaptureOnly: boolean = major < 22;

/** V8's `--stack-size` in KiB: a carrier must be larger, since V8 computes each thread's limit from it. */
export const stackSizeKiB: number = Math.max(
  984,
  ...flags.map((flag) => Number(/^--stack[-_]size=(\d+)$/.exec(flag)?.[1] ?? 0)),
);

/**
 * V8 12 (Node 22 and 23) ends the process if two calls of JSON.stringify do not end in the reverse order of their
 * beginnings: each has a scratch buffer that must be the last one of a list when it is let go
 * (`to_destroy_before_sudden_shutdown_`). So nothing may suspend inside one.
 */
export const jsonStringifyMustNest: boolean = major === 22 || major === 23;

/** Since V8 13 the collector may run below what optimised code calls without a frame; see hazards/fast-api-calls.ts. */
export const fastCallsMayCollect: boolean = major >= 24;
