// `aevent report [--native] [--seconds n] [--output file] app.mjs [args]`: runs a program unmodified, and makes a page of what
// went on.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { reportPage } from './page.js';
import { type Run, readTrace } from './read-trace.js';

/** How it is called. */
export const reportUsage = `Usage: aevent report [options] [node options] app.mjs [args]
Runs a program under aevent, unmodified, and writes one HTML file that shows what went on. Ctrl-C ends the recording.

  --native       runs it without aevent first, and shows both
  --seconds n    ends the program after n seconds of recording, each run
  --output file  the file that is written (default: aevent-report.html)
  -h, --help     prints this
`;

interface Options {
  readonly native: boolean;
  readonly seconds: number | undefined;
  readonly output: string;
  readonly program: readonly string[];
}

/** A wrong command line: the message says what is valid. */
class UsageError extends Error {}

const GRACE_MS = 5000;
const LOOK_MS = 20;

/**
 * Runs the command.
 * @param given - what follows `report`
 * @returns the exit code
 */
export async function report(given: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parse(given);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`aevent report: ${error.message}\n\n${reportUsage}`);
    return 2;
  }
  const file = resolve(options.output);
  try {
    // Before the program runs, which may take long.
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    process.stderr.write(`aevent report: ${(error as Error).message}. Name a file with --output.\n`);
    return 2;
  }
  const dir = mkdtempSync(join(tmpdir(), 'aevent-report-'));
  try {
    const runs: Run[] = [];
    for (const native of options.native ? [true, false] : [false]) {
      const title = native ? 'without aevent' : 'with aevent';
      if (options.native) process.stderr.write(`aevent report: running it ${title}\n`);
      runs.unshift(await record(options, native, title, dir));
    }
    writeFileSync(file, reportPage({ program: options.program.join(' '), node: process.version, runs }));
    process.stderr.write(`aevent report: open ${file}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`aevent report: ${(error as Error).message}\n`);
    return 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function parse(given: readonly string[]): Options {
  let native = false;
  let seconds: number | undefined;
  let output = 'aevent-report.html';
  let at = 0;
  for (; at < given.length; at++) {
    const [name, inline] = (given[at] as string).split(/=(.*)/s) as [string, string | undefined];
    const value = (): string => {
      const found = inline ?? given[++at];
      if (found === undefined || found === '') throw new UsageError(`${name} needs a value.`);
      return found;
    };
    if (name === '--native') native = true;
    else if (name === '--output') output = value();
    else if (name === '--seconds') {
      const text = value();
      seconds = Number(text);
      if (!(seconds > 0 && Number.isFinite(seconds)))
        throw new UsageError(`--seconds takes a number > 0, not ${JSON.stringify(text)}.`);
    } else break;
  }
  const program = given.slice(at);
  if (program.length === 0) throw new UsageError('names no program.');
  return { native, seconds, output, program };
}

async function record(
  { program, seconds }: Options,
  native: boolean,
  title: string,
  dir: string,
): Promise<Run> {
  const file = join(dir, native ? 'native.json' : 'aevent.json');
  const auto = new URL('../auto.js', import.meta.url).href;
  const env = { ...process.env, AEVENT_REPORT: file, ...(native && { AEVENT_BACKEND: 'native' }) };
  const child = spawn(process.execPath, [...process.execArgv, '--import', auto, ...program], {
    stdio: 'inherit',
    env,
  });
  const isRecording = (): boolean => existsSync(file) && statSync(file).size > 0;
  const ended = await end(child, seconds, isRecording);
  if (!isRecording())
    throw new Error(`${basename(String(program[0]))} ended with ${ended} before anything was recorded.`);
  return readTrace(file, title, ended);
}

/** Waits for the end, which signals to this process bring about: a terminal's Ctrl-C goes to the child by itself. */
async function end(
  child: ChildProcess,
  seconds: number | undefined,
  isRecording: () => boolean,
): Promise<string> {
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => {
    child.kill('SIGINT');
    timers.push(setTimeout(() => child.kill('SIGKILL'), GRACE_MS));
  };
  const ignored = (): void => void timers.push(setTimeout(() => child.kill('SIGKILL'), GRACE_MS));
  process.on('SIGINT', process.stdin.isTTY ? ignored : stop).on('SIGTERM', stop);
  // Node itself may take a second to start.
  const countDown = (): void => {
    if (isRecording()) timers.push(setTimeout(stop, Number(seconds) * 1000));
    else timers.push(setTimeout(countDown, LOOK_MS));
  };
  if (seconds !== undefined) countDown();
  try {
    return await new Promise<string>((done, fail) => {
      child.on('error', fail).on('exit', (code, signal) => done(signal ?? `code ${code}`));
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  }
}
