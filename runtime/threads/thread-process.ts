// In a thread: `process` of the module in it is as good as the program's. What Node refuses in a thread is done by the program's
// thread, what is written comes out in the order of the calls, and process.exit() ends the program.
import { builtin } from '../base/builtins.js';
import { each } from '../base/primordials.js';

const process = builtin<typeof import('node:process')>('process');

/** How the thread asks for what concerns the whole process. */
export interface ToProgram {
  /** Calls a function of the program's `process`, and waits. */
  readonly call: (name: string, args: readonly unknown[]) => unknown;
  /** Writes to the program's stream. Waits for nothing. */
  readonly write: (stream: 'stdout' | 'stderr', chunk: string | Uint8Array) => void;
  /** Sets a property of the program's `process`. Waits for nothing. */
  readonly assign: (name: string, value: unknown) => void;
}

type Write = (chunk: string | Uint8Array, encoding: BufferEncoding, done: () => void) => void;
type AnyFunction = ((...args: unknown[]) => unknown) & { disabled?: boolean };

/**
 * Makes the thread's `process` the program's.
 * @param argv - the program's
 * @returns a function that tells the program of a new `process.exitCode`
 */
export function asOfProgram(program: ToProgram, argv: readonly string[]): () => void {
  process.argv = [...each(argv)];
  const all = process as unknown as Record<string, AnyFunction | undefined>;
  for (const name of each(Object.getOwnPropertyNames(process))) {
    if (name === 'stdin' || name === 'stdout' || name === 'stderr' || all[name]?.disabled !== true) continue;
    all[name] = (...args) => program.call(name, args);
  }
  const { umask } = process;
  process.umask = (...mask: unknown[]) =>
    mask[0] === undefined ? umask() : (program.call('umask', mask) as number);
  let { title } = process;
  Object.defineProperty(process, 'title', {
    get: () => title,
    set: (value: unknown) => {
      title = String(value);
      program.assign('title', title);
    },
    enumerable: true,
    configurable: true,
  });
  for (const name of each(['stdout', 'stderr'] as const)) writeBy(name, program);
  exitBy(program);
  let told: unknown;
  return () => {
    const { exitCode } = process;
    if (exitCode === told) return;
    told = exitCode;
    program.assign('exitCode', exitCode);
  };
}

function writeBy(name: 'stdout' | 'stderr', program: ToProgram): void {
  const _write: Write = (chunk, encoding, done) => {
    const isText = typeof chunk === 'string' && (encoding === 'utf8' || encoding === 'utf-8');
    program.write(name, isText ? chunk : new Uint8Array(Buffer.from(chunk as string, encoding)));
    done();
  };
  Object.defineProperties(process[name], { _write: { value: _write }, _writev: { value: undefined } });
}

function exitBy(program: ToProgram): void {
  const { exit } = process;
  let isExiting = false;
  process.exit = (code?: number | string | null): never => {
    // Throws for what is none.
    if (code !== undefined) process.exitCode = code;
    // Node ends a thread by it, too, when an error was caught by nothing: it has emitted 'exit' then.
    if (isExiting || Reflect.get(process, '_exiting') === true) return exit();
    isExiting = true;
    try {
      // Listeners of 'exit' may use the module, and it has some. This returns only from a function that stands in place of Node's.
      return program.call('exit', [process.exitCode]) as never;
    } finally {
      isExiting = false;
    }
  };
}
