// The options of a thread: the program's options of Node and environment, without aevent.
import { builtin } from '../base/builtins.js';
import { joinOptions, preloadsAevent, separatePreloads, splitOptions } from '../base/preload-options.js';
import { each, exec, filter, push } from '../base/primordials.js';

const process = builtin<typeof import('node:process')>('process');
/** Options about the program as a whole, which no thread needs. */
const OF_PROGRAM =
  /^(?:-e|--eval|-p|--print|-pe|--input-type|--test|--watch|--expose-gc|--max-|--stack-|--inspect|--cpu-prof|--heap|--trace|--title|--secure-heap|--v8-|--prof)/;

/** Options of Node without those that would have aevent in the thread, where calls are to block. */
export function withoutAevent(argv: readonly string[]): string[] {
  const { preloads, others } = separatePreloads(argv);
  const kept = filter(others, (option) => exec(OF_PROGRAM, option) === null);
  for (const preload of each(preloads)) {
    if (!preloadsAevent(preload)) for (const option of each(preload.parts)) push(kept, option);
  }
  return kept;
}

/** The environment of a thread. */
export function threadEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: options, ...env } = process.env;
  if (options === undefined) return env;
  const kept = joinOptions(withoutAevent(splitOptions(options)));
  return kept === '' ? env : { ...env, NODE_OPTIONS: kept };
}
