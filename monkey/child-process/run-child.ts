// What Node's native SyncProcessRunner does, on the event loop that everybody else uses, and in its words:
// https://github.com/nodejs/node/blob/v24.0.0/src/spawn_sync.cc
// It ends when the child has exited and every pipe is closed at the other end, so a grandchild that holds one open
// delays it. A timeout and an overflow of maxBuffer (bytes of all pipes together; what is over it is kept) send one
// signal, close the pipes, and wait for the exit, even of a child that ignores the signal.
import type { Socket } from 'node:net';
import { builtin } from '../../runtime/builtins.js';
import { startTimer } from '../../runtime/clock.js';
import { suspendBlocking } from '../../runtime/stream-descriptors.js';
import { takeTurn } from './turn.js';

/** What Node's spawnSync gives to its native half: checked, and nothing left to default. */
export interface RunOptions {
  readonly file: string;
  readonly args: string[];
  readonly stdio: readonly Stdio[];
  /** Milliseconds; 0, null and undefined: none. */
  readonly timeout?: number | null;
  /** Bytes; 0, null and undefined: no limit. */
  readonly maxBuffer?: number | null;
  readonly killSignal?: number | null;
  readonly [option: string]: unknown;
}

interface Stdio {
  readonly type: 'fd' | 'ignore' | 'inherit' | 'overlapped' | 'pipe' | 'wrap';
  readonly fd?: number;
  /** As the child sees a pipe. */
  readonly readable?: boolean;
  readonly writable?: boolean;
  readonly input?: NodeJS.ArrayBufferView | null;
  /** The stream that a 'wrap' comes from. */
  readonly _stdio?: object;
}

/** What Node's native half gives back, in its order of keys. */
export interface RunResult {
  /** A libuv error number. */
  error?: number;
  status: number | null;
  signal: string | null;
  output: (Buffer | null)[] | null;
  pid: number;
}

/** Runs a child to its end. Suspends the current task; cancelled, it kills the child. */
export function runChild(options: RunOptions): RunResult {
  const what = `child process ${options.file}`;
  takeTurn(what);
  return suspendBlocking<RunResult>(what, (wait) => {
    const run = new Run(options, (result) => wait.resolve(result));
    run.start();
    return () => run.cancel();
  });
}

type Child = Omit<import('node:child_process').ChildProcess, 'stdin' | 'kill'> & {
  stdin: unknown;
  spawn(options: Record<string, unknown>): number;
  kill(signal: number): boolean;
};

const { ChildProcess } = builtin<{ ChildProcess: new () => Child }>('child_process');
const { EINVAL, ENOSYS, ENOBUFS, ESRCH, ETIMEDOUT } = builtin<typeof import('node:os')>('os').constants.errno;
const { SIGKILL, SIGTERM } = builtin<typeof import('node:os')>('os').constants.signals;

/** How long a cancelled child may take to act on its signal before it gets SIGKILL, as in trio's deliver_cancel. */
const CANCEL_GRACE_MS = 5000;

class Run {
  readonly #options: RunOptions;
  readonly #child: Child = new ChildProcess();
  /** The chunks read from each stdio pipe that the child writes to. */
  readonly #chunks: (Buffer[] | undefined)[] = [];
  readonly #killSignal: number;
  readonly #maxBuffer: number;
  readonly #ended: (result: RunResult) => void;
  #sockets: Socket[] = [];
  /** Handles that keep it going: the process and its open pipes. */
  #pending = 0;
  #bytesRead = 0;
  #exited = false;
  #killed = false;
  #error = 0;
  #pipeError = 0;
  #stopTimer: () => void = () => {};

  constructor(options: RunOptions, ended: (result: RunResult) => void) {
    this.#options = options;
    this.#ended = ended;
    this.#killSignal = options.killSignal ?? SIGTERM;
    this.#maxBuffer = options.maxBuffer || Number.POSITIVE_INFINITY;
  }

  start(): void {
    const { timeout, stdio } = this.#options;
    // The sync functions have no use for `serialization`; spawn() would check it.
    const forms: unknown[] = stdio.map(({ type, fd, _stdio }) => fd ?? _stdio ?? type);
    // Node lets a string that names no form fall out of the list; the sync form leaves the rest of it so short.
    while (forms.length < 3) forms.push('ignore');
    // As Node's, they inherit nothing that a program has put into Object.prototype: `uid`, say.
    const options = { __proto__: null, ...this.#options, serialization: undefined, stdio: forms };
    this.#child.on('error', (error: NodeJS.ErrnoException) => this.#failedToKill(error));
    this.#child.on('exit', () => {
      this.#exited = true;
      this.#close();
    });
    this.#error = trySpawn(this.#child, options);
    if (this.#error !== 0) {
      for (const { handle } of options.stdio as { handle?: { close(): void } }[]) handle?.close();
      this.#ended(this.#result());
      return;
    }
    this.#pending = 1;
    if (timeout) {
      this.#stopTimer = startTimer(timeout, () => {
        this.#fail(-ETIMEDOUT);
        this.#kill();
      });
    }
    this.#openPipes();
  }

  cancel(): void {
    this.#kill();
    if (this.#exited) return;
    const stopTimer = startTimer(CANCEL_GRACE_MS, () => this.#child.kill(SIGKILL));
    this.#child.once('exit', stopTimer);
  }

  #result(): RunResult {
    const error = this.#error || this.#pipeError;
    const { exitCode, signalCode, pid = 0 } = this.#child;
    return {
      ...(error !== 0 && { error }),
      status: this.#exited ? exitCode : null,
      signal: signalCode,
      output: this.#exited ? this.#options.stdio.map((_, fd) => joined(this.#chunks[fd])) : null,
      pid: this.#exited ? pid : 0,
    };
  }

  #openPipes(): void {
    this.#sockets = this.#child.stdio.filter((socket) => socket !== null) as Socket[];
    this.#pending += this.#sockets.length;
    // On exit Node destroys what is stdin by then; but a grandchild may go on reading it.
    if (this.#options.stdio[0]?.readable) this.#child.stdin = null;
    for (const [fd, socket] of (this.#child.stdio as unknown as (Socket | null)[]).entries()) {
      if (socket === null) continue;
      socket.on('error', (error: NodeJS.ErrnoException) => {
        this.#pipeError ||= error.errno ?? 0;
      });
      socket.once('close', () => this.#close());
      const { readable, writable, input } = this.#options.stdio[fd] as Stdio;
      if (readable) write(socket, input);
      if (writable) this.#read(socket, fd);
    }
  }

  #read(socket: Socket, fd: number): void {
    const chunks: Buffer[] = [];
    this.#chunks[fd] = chunks;
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      this.#bytesRead += chunk.length;
      if (this.#bytesRead <= this.#maxBuffer) return;
      this.#fail(-ENOBUFS);
      this.#kill();
    });
  }

  #close(): void {
    this.#pending--;
    if (this.#pending !== 0) return;
    this.#stopTimer();
    this.#ended(this.#result());
  }

  #kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    this.#stopTimer();
    if (!this.#exited) {
      try {
        this.#child.kill(this.#killSignal);
      } catch (error) {
        this.#failedToKill(error as NodeJS.ErrnoException);
      }
    }
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A signal that this system doesn't know, or a child that is not ours any more. */
  #failedToKill({ errno = 0 }: NodeJS.ErrnoException): void {
    if (!this.#killed || this.#exited || errno === -ESRCH) return;
    this.#fail(errno === -ENOSYS ? -EINVAL : errno);
    this.#child.kill(SIGKILL);
  }

  #fail(error: number): void {
    this.#error ||= error;
  }
}

/** @returns 0 or a libuv error number */
function trySpawn(child: Child, options: Record<string, unknown>): number {
  try {
    return child.spawn(options);
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return errno;
  }
}

function write(socket: Socket, input: NodeJS.ArrayBufferView | null | undefined): void {
  // Even an empty write fails with EPIPE where the child has gone already.
  if (input?.byteLength) socket.end(Buffer.from(input.buffer, input.byteOffset, input.byteLength));
  else socket.end();
}

/** In memory of its own, not in Node's shared pool: the native half makes them so too. */
function joined(chunks: readonly Buffer[] | undefined): Buffer | null {
  if (chunks === undefined) return null;
  const whole = Buffer.allocUnsafeSlow(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
