// Workers of source text (`{ eval: true }`). Node evaluates CommonJS text after the modules that `-r` names, and leaves out
// those that `--import` names. So where aevent came by an import, such a Worker gets it by a preload of its own
// (loader/source-worker.ts). Guarded by test/loader/source-workers.test.ts.
import type { WorkerOptions } from 'node:worker_threads';
import { replacementState } from '../../../runtime/backend/setup-listeners.js';
import { builtin } from '../../../runtime/base/builtins.js';
import { ownUrl } from '../../../runtime/base/instance.js';
import {
  type Preload,
  preloadsAevent,
  separatePreloads,
  withAcceptedOptions,
} from '../../../runtime/base/preload-options.js';
import { each, filter, some } from '../../../runtime/base/primordials.js';
import { KEY, type Start } from './source-start.js';

const { getEnvironmentData, setEnvironmentData } =
  builtin<typeof import('node:worker_threads')>('worker_threads');
const { fileURLToPath } = builtin<typeof import('node:url')>('url');
const process = builtin<typeof import('node:process')>('process');

const OPTION = '-r';

const preload = (): string => fileURLToPath(ownUrl('loader/source-worker.cjs'));

/** Makes a Worker of source text that has aevent where its options say so. @returns undefined: Node's own way does it */
export function makeFromSource<T>(
  options: WorkerOptions,
  make: (options: WorkerOptions) => T,
): T | undefined {
  const door = doorFor(options);
  if (door === undefined) return undefined;
  const given = options.execArgv ?? process.execArgv;
  const found = getEnvironmentData(KEY);
  setEnvironmentData(KEY, { door, execArgv: [...each(given)] } satisfies Start);
  try {
    const withPreload = (execArgv: readonly string[]): T =>
      make(Object.create(options, { execArgv: { value: [...each(execArgv), OPTION, preload()] } }));
    // Options that the program itself has given are for Node to refuse.
    return options.execArgv === undefined ? withAcceptedOptions(given, withPreload) : withPreload(given);
  } finally {
    setEnvironmentData(KEY, found);
  }
}

function doorFor(options: WorkerOptions): Start['door'] | undefined {
  const door = replacementState()?.door;
  if (door === undefined || door === 'setup' || door === 'jest' || !process.features.require_module)
    return undefined;
  const own = preloadsIn(process.execArgv);
  const given = options.execArgv === undefined ? own : preloadsIn(options.execArgv);
  // With options of its own a Worker has what these preload: aevent, or a module of this thread's that has led to aevent.
  const isWanted = (preload: Preload): boolean =>
    preloadsAevent(preload) || some(own, ({ value }) => value === preload.value);
  if (options.execArgv !== undefined && !some(given, isWanted)) return undefined;
  return door === 'auto' ? './auto' : './register';
}

/** @param argv - a program's: anything */
function preloadsIn(argv: unknown): readonly Preload[] {
  return Array.isArray(argv)
    ? separatePreloads(filter(argv, (option) => typeof option === 'string')).preloads
    : [];
}
