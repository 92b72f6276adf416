// The options of a thread: the program's options of Node and environment, without aevent.
import { builtin } from '../base/builtins.js';
import { filter, join, push } from '../base/primordials.js';

const process = builtin<typeof import('node:process')>('process');
const OURS = /(?:^|[\\/])aevent(?:[\\/]|$)|[\\/]dist[\\/]loader[\\/]/;

/** Options of Node without those that would have aevent in the thread, where calls are to block. */
export function withoutAevent(argv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const option = argv[i] as string;
    const takesNext = /^(?:--import|--require|-r|--loader|--experimental-loader)$/.test(option);
    const value = takesNext ? (argv[i + 1] ?? '') : option.slice(option.indexOf('=') + 1);
    if (/^(?:--import|--require|-r|--loader|--experimental-loader)(?:=|$)/.test(option)) {
      if (!OURS.test(value)) {
        push(kept, option);
        if (takesNext) push(kept, value);
      }
      if (takesNext) i++;
    } else if (
      !/^(?:-e|--eval|-p|--print|-pe|--input-type|--test|--watch|--expose-gc|--max-|--stack-|--inspect|--cpu-prof|--heap|--trace|--title|--secure-heap|--v8-|--prof)/.test(
        option,
      )
    )
      push(kept, option);
  }
  return kept;
}

/** The environment of a thread. */
export function threadEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: options, ...env } = process.env;
  if (options === undefined) return env;
  const kept = join(
    filter(withoutAevent(options.split(/\s+/)), (option) => option !== ''),
    ' ',
  );
  return kept === '' ? env : { ...env, NODE_OPTIONS: kept };
}
