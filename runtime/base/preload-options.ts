// Options of Node that have modules evaluated before a program, and options that a Worker can be given.
import { exec, filter, hasPart, join, map, part, placeOf, push } from './primordials.js';

/** An option such as `--import aevent/register`. */
export interface Preload {
  readonly name: string;
  readonly value: string;
  /** The option as it was given, in one or two parts. */
  readonly parts: readonly string[];
}

const NAME = /^(?:--import|--require|-r|--loader|--experimental-loader)(?=$|=)/;
const OURS = /(?:^|[\\/])aevent(?:[\\/]|$)|[\\/]dist[\\/]loader[\\/]/;

/** Separates the options that preload modules from the others. */
export function separatePreloads(argv: readonly string[]): { preloads: Preload[]; others: string[] } {
  const preloads: Preload[] = [];
  const others: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const option = argv[i] as string;
    const name = exec(NAME, option)?.[0];
    if (name === undefined) push(others, option);
    else if (name === option)
      push(preloads, { name, value: argv[++i] ?? '', parts: [option, argv[i] ?? ''] });
    else push(preloads, { name, value: part(option, placeOf(option, '=') + 1), parts: [option] });
  }
  return { preloads, others };
}

/** The options in a text such as `NODE_OPTIONS`: between spaces, but for those in quotes, in which a backslash escapes. */
export function splitOptions(text: string): string[] {
  const found: string[] = [];
  let isQuoted = false;
  let begins = true;
  for (let i = 0; i < text.length; i++) {
    let character = text[i] as string;
    if (character === ' ' && !isQuoted) begins = true;
    else if (character === '"') isQuoted = !isQuoted;
    else {
      if (character === '\\' && isQuoted) character = text[++i] ?? '';
      if (begins) push(found, character);
      else found[found.length - 1] += character;
      begins = false;
    }
  }
  return found;
}

/** The text that {@link splitOptions} makes these options of. */
export function joinOptions(options: readonly string[]): string {
  const quoted = (option: string): string => {
    let text = '';
    for (let i = 0; i < option.length; i++) {
      const character = option[i] as string;
      text += character === '"' || character === '\\' ? `\\${character}` : character;
    }
    return `"${text}"`;
  };
  return join(
    map(options, (option) => (exec(/[\s"\\]/, option) === null ? option : quoted(option))),
    ' ',
  );
}

/** Tells whether an option preloads one of aevent's modules. */
export const preloadsAevent = ({ value }: Preload): boolean => exec(OURS, value) !== null;

/**
 * Makes a Worker with those of `options` that a Worker can be given. Options of V8 and of the process hold in each thread anyway:
 * Node names those that it refuses; where that text is another one, none is given.
 */
export function withAcceptedOptions<T>(
  options: readonly string[],
  make: (options: readonly string[]) => T,
): T {
  try {
    return make(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INVALID_EXEC_ARGV' || options.length === 0)
      throw error;
    const { message } = error as Error;
    const kept = filter(options, (option) => !hasPart(message, option));
    return withAcceptedOptions(kept.length < options.length ? kept : [], make);
  }
}
