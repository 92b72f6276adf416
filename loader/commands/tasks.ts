/** `aevent tasks <pid>`: asks a process that was started with AEVENT_DEBUG=inspect for its tasks, and prints them. */
import { statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { formatThreads } from '../../runtime/observing/print.js';
import { type Question, socketOf, whyNoSocket } from '../../runtime/observing/socket-path.js';
import type { ThreadTasks } from '../../runtime/observing/threads.js';

const usage = `Usage: aevent tasks <pid> [--json] [--all] [--no-stacks]
  --json       prints the data that aevent.tasks() gives, of each thread, as a JSON array
  --all        prints each task, also where many wait at the same place
  --no-stacks  leaves the stacks out, which takes the process less time
`;
const OPTIONS = ['--json', '--all', '--no-stacks'];
/** How long a process may take to answer, in milliseconds. */
const PATIENCE_MS = 30_000;
/** After so many it is said that this may last. */
const PATIENCE_SAID_MS = 2000;

/** Runs the command; gives its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const pids = args.filter((arg) => !arg.startsWith('-'));
  const options = args.filter((arg) => arg.startsWith('-'));
  const pid = Number(pids[0]);
  const unknown = options.filter((option) => !OPTIONS.includes(option));
  if (pids.length !== 1 || !Number.isInteger(pid) || pid <= 0 || unknown.length > 0) {
    process.stderr.write(usage);
    return 2;
  }
  let answer: string;
  try {
    answer = await ask(pid, { stacks: !options.includes('--no-stacks') });
  } catch (error) {
    process.stderr.write(`aevent: ${whyNot(pid, error as NodeJS.ErrnoException)}\n`);
    return 1;
  }
  if (options.includes('--json')) process.stdout.write(answer);
  else {
    const threads = JSON.parse(answer) as ThreadTasks[];
    process.stdout.write(formatThreads(threads, process.stdout, options.includes('--all')));
  }
  return 0;
}

async function ask(pid: number, question: Question): Promise<string> {
  const whyNone = whyNoSocket(process.platform);
  if (whyNone !== '') throw new Error(whyNone);
  const socket = createConnection(socketOf(userOf(pid), pid));
  socket.setTimeout(PATIENCE_MS, () =>
    socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
  );
  socket.write(`${JSON.stringify(question)}\n`);
  const say = (): boolean =>
    process.stderr.write(
      `aevent: process ${pid} has not answered yet: something keeps its event loop. Waiting.\n`,
    );
  const timer = setTimeout(say, PATIENCE_SAID_MS);
  const answer = await text(socket).finally(() => clearTimeout(timer));
  if (answer === '') throw Object.assign(new Error('no answer'), { code: 'ECONNRESET' });
  return answer;
}

/** The user that a process belongs to: root may ask the processes of all. */
function userOf(pid: number): number {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return process.getuid?.() ?? 0;
  }
}

function whyNot(pid: number, { code, message }: NodeJS.ErrnoException): string {
  if (!isAlive(pid)) return `there is no process ${pid}.`;
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return `process ${pid} cannot be asked. Start it with AEVENT_DEBUG=inspect.`;
  if (code === 'ETIMEDOUT')
    return `process ${pid} has not answered for ${PATIENCE_MS / 1000} s: something keeps its event loop.`;
  if (code === 'EACCES') return `process ${pid} is another user's.`;
  return `process ${pid} could not be asked: ${message}.`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
