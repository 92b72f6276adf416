// The list of modules that are replaced, and by which files. Part of the start-up and of the hooks thread: it imports nothing that would load
// the replacements or the runtime before a program asks for them.
//
// A module's definition is loaded by require() only, never by import: one that is being imported (read, not yet
// evaluated) cannot be required at the same time (ERR_REQUIRE_ESM_RACE_CONDITION), and a program may well do
// `import('node:fs')` and `require('fs')` in one breath. Facades therefore take their exports from load().

import { onBackendStart } from '../runtime/backend/setup-listeners.js';
import { requireLate, requireOwn } from '../runtime/base/instance.js';
import { builtin } from '../runtime/base/node-builtin.js';
import type { MonkeyModule } from './kit/define-module.js';
import { hasArgon2, hasResolveTlsa, hasSetDefaultCACertificates, hasZstd } from './node-features.js';

// Here, since each file that a facade imports costs its start-up.
export { follow } from './live-bindings.js';

/** Where a replaced builtin comes from. */
export interface ModuleFiles {
  /** The ES module that stands for the builtin on this Node version; a file of `facades/`. */
  readonly facade: string;
  /** The ES module whose `definition` export is the {@link MonkeyModule}; relative to this file. */
  readonly definition: string;
}

/** The facade of `fs`: each Node line has brought a name that the ones before lack. */
function fsFacade(): string {
  const fs = builtin<typeof import('node:fs')>('fs');
  if ('openAsBlobSync' in fs) return 'fs-26.js';
  if ('mkdtempDisposableSync' in fs) return 'fs-24.js';
  return 'globSync' in fs ? 'fs-22.js' : 'fs.js';
}

/** The facade of `dns` or `dns/promises`. */
function dnsFacade(name: string): string {
  return hasResolveTlsa ? `${name}-22.js` : `${name}.js`;
}

/** None in a Node that was built without. */
function inspectors(): [string, ModuleFiles][] {
  if (!process.features.inspector) return [];
  return [
    ['inspector', { facade: 'inspector.js', definition: './builtins/inspector/definition.js' }],
    [
      'inspector/promises',
      { facade: 'inspector/promises.js', definition: './builtins/inspector/promises-definition.js' },
    ],
  ];
}

/** A package that is replaced as a whole. */
export interface DropInFiles extends ModuleFiles {
  /** The package, as `setup({ exclude })` knows it. */
  readonly package: string;
  /** The file in the installed package that is replaced, too, when it is loaded by its path. */
  readonly file: string;
}

/** The `definition` of a drop-in. */
export interface DropIn<T = unknown> {
  /** The object that `require()` gives. */
  readonly exports: T;
}

/** Every replaced builtin by its name, without `node:`. */
export const modules: ReadonlyMap<string, ModuleFiles> = new Map<string, ModuleFiles>([
  ['child_process', { facade: 'child_process.js', definition: './builtins/child_process/definition.js' }],
  ['cluster', { facade: 'cluster.js', definition: './builtins/cluster/definition.js' }],
  [
    'crypto',
    { facade: hasArgon2 ? 'crypto-24.js' : 'crypto.js', definition: './builtins/crypto/definition.js' },
  ],
  ['dgram', { facade: 'dgram.js', definition: './builtins/dgram/definition.js' }],
  ['dns', { facade: dnsFacade('dns'), definition: './builtins/dns/definition.js' }],
  [
    'dns/promises',
    { facade: dnsFacade('dns/promises'), definition: './builtins/dns/promises-definition.js' },
  ],
  ['domain', { facade: 'domain.js', definition: './builtins/domain/definition.js' }],
  ['events', { facade: 'events.js', definition: './builtins/events/definition.js' }],
  ['fs', { facade: fsFacade(), definition: './builtins/fs/definition.js' }],
  ['http', { facade: 'http.js', definition: './builtins/http/definition.js' }],
  ['http2', { facade: 'http2.js', definition: './builtins/http2/definition.js' }],
  ['https', { facade: 'https.js', definition: './builtins/https/definition.js' }],
  ...inspectors(),
  ['net', { facade: 'net.js', definition: './builtins/net/definition.js' }],
  ['process', { facade: 'process.js', definition: './builtins/process/definition.js' }],
  ['readline', { facade: 'readline.js', definition: './builtins/readline/definition.js' }],
  [
    'readline/promises',
    { facade: 'readline/promises.js', definition: './builtins/readline/promises-definition.js' },
  ],
  ['stream', { facade: 'stream.js', definition: './builtins/stream/definition.js' }],
  [
    'stream/consumers',
    { facade: 'stream/consumers.js', definition: './builtins/stream/consumers-definition.js' },
  ],
  [
    'stream/promises',
    { facade: 'stream/promises.js', definition: './builtins/stream/promises-definition.js' },
  ],
  ['timers', { facade: 'timers.js', definition: './builtins/timers/definition.js' }],
  [
    'timers/promises',
    { facade: 'timers/promises.js', definition: './builtins/timers/promises-definition.js' },
  ],
  [
    'tls',
    {
      facade: hasSetDefaultCACertificates ? 'tls-24.js' : 'tls.js',
      definition: './builtins/tls/definition.js',
    },
  ],
  ['tty', { facade: 'tty.js', definition: './builtins/tty/definition.js' }],
  ['worker_threads', { facade: 'worker_threads.js', definition: './builtins/worker_threads/definition.js' }],
  ['zlib', { facade: hasZstd ? 'zlib-22.js' : 'zlib.js', definition: './builtins/zlib/definition.js' }],
]);

/** Every replaced module of a package by what it is imported as. */
export const dropIns: ReadonlyMap<string, DropInFiles> = new Map<string, DropInFiles>([
  [
    'fibers',
    {
      package: 'fibers',
      file: 'fibers.js',
      facade: 'fibers.js',
      definition: './drop-ins/fibers/definition.js',
    },
  ],
  [
    'fibers/future',
    {
      package: 'fibers',
      file: 'future.js',
      facade: 'fibers/future.js',
      definition: './drop-ins/fibers/future-definition.js',
    },
  ],
  [
    'deasync',
    {
      package: 'deasync',
      file: 'index.js',
      facade: 'deasync.js',
      definition: './drop-ins/deasync/definition.js',
    },
  ],
]);

/** The URL of the folder that has `loader/` and `monkey/`. Bundled, this is evaluated in one of them or in a folder of theirs. */
export const dist: string = /^.*\/(?=(?:loader|monkey)\/)/.exec(import.meta.url)?.[0] ?? '';

const here = new URL('monkey/', dist);
const loaded = new Map<string, MonkeyModule>();

/**
 * Gives a replaced module, loaded at the first call.
 * @param name - a key of {@link modules}
 * @throws TypeError if no such module is replaced
 */
export function load<T extends object = object>(name: string): MonkeyModule<T> {
  let found = loaded.get(name);
  if (found === undefined) {
    const files = modules.get(name);
    if (files === undefined) {
      throw new TypeError(`aevent does not replace '${name}'; it replaces ${[...modules.keys()].join(', ')}`);
    }
    found = requireOwn<{ definition: MonkeyModule }>(new URL(files.definition, here)).definition;
    loaded.set(name, found);
  }
  return found as MonkeyModule<T>;
}

/**
 * Gives what `require()` of a replaced package gives, loaded at the first call.
 * @param name - a key of {@link dropIns}
 */
export function loadDropIn<T>(name: string): T {
  const { definition } = dropIns.get(name) as DropInFiles;
  return requireOwn<{ definition: DropIn<T> }>(new URL(definition, here)).definition.exports;
}

type Imported = typeof import('../runtime/threads/imported.js');

/** Loads modules that are in threads; evaluated at the first call. */
function imported(): Imported {
  return requireLate<Imported>('runtime/threads/imported.js');
}

/** As the runtime's; and from then on modules in threads can be asked for where nothing can be evaluated: in the middle of linking. */
export const checkInstalled: Imported['checkInstalled'] = (what, name, from) =>
  imported().checkInstalled(what, name, from);

/** Gives the object that `require()` of a module in a thread gives. */
export const requireInThread: Imported['requireInThread'] = (name, url) =>
  imported().requireInThread(name, url);

/** Gives the exports that an `import` of a module in a thread has. */
export const importInThread: Imported['importInThread'] = (name, url) => imported().importInThread(name, url);

let streamsAreWatched = false;

/** Has every stream get its synchronous methods when the first task starts, by whatever module a program gets it. Idempotent. */
export function watchStreams(): void {
  if (!streamsAreWatched)
    onBackendStart(() => requireOwn(new URL('./builtins/stream/sync-methods.js', here)));
  streamsAreWatched = true;
}
