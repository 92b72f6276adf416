// Does the work of Node's native SyncProcessRunner on the event loop that all other work uses, and in its words:
// https://github.com/nodejs/node/blob/v24.0.0/src/spawn_sync.cc
// It ends when the child has exited and every pipe is closed at the other end, so a grandchild that holds one open
// delays it. A timeout and an overflow of maxBuffer (bytes of all pipes together; what is over it is kept) send one
// signal, close the pipes, and wait for the exit, even of a child that ignores the signal.
//
// It works on the handles themselves, without an emitter, a stream or a tick: see start-child.ts.
import { builtin } from '../../../runtime/base/builtins.js';
import { startTimer } from '../../../runtime/base/clock.js';
import { shown } from '../../../runtime/base/describe.js';
import { join } from '../../../runtime/base/primordials.js';
import { suspendBlocking } from '../../../runtime/io/stream-descriptors.js';
import { type Subject, type Told, tellWait } from '../../../runtime/suspension/subject.js';
import type { ChildBindings, PipeHandle, RunOptions, RunResult, Stdio } from './bindings.js';
import { asTheyAre } from './held-options.js';
import { isTurnTaken, takeTurn } from './one-start-a-turn.js';
import { type OpenedStdio, type ProcessHandle, startChild } from './start-child.js';

/** Runs a child to its end. Suspends the current task; cancelled, it kills the child. */
export function runChild(bindings: ChildBindings, options: RunOptions): RunResult {
  const what = `child process ${options.file}`;
  const asked = asTheyAre(options, isTurnTaken());
  try {
    takeTurn(what);
    let ended: (result: RunResult) => void = () => {};
    const run = new Run(bindings, asked.options, (result) => ended(result));
    return suspendBlocking<RunResult>(
      what,
      (wait) => {
        ended = wait.resolve;
        run.start();
        asked.release();
        return () => run.cancel();
      },
      run,
    );
  } finally {
    asked.release();
  }
}

const { EINVAL, ENOSYS, ENOBUFS, ENOTCONN, ESRCH, ETIMEDOUT } =
  builtin<typeof import('node:os')>('os').constants.errno;
const { SIGKILL, SIGTERM } = builtin<typeof import('node:os')>('os').constants.signals;
const { allocUnsafeSlow, from: bufferFrom } = Buffer;
const { set } = Uint8Array.prototype;
const { apply } = Reflect;

/** libuv's, the same on every system. */
const UV_EOF = -4095;

/** How long a cancelled child may take to act on its signal before it gets SIGKILL, as in trio's deliver_cancel. */
const CANCEL_GRACE_MS = 5000;

class Run implements Subject {
  readonly #bindings: ChildBindings;
  readonly #options: RunOptions;
  #child: ProcessHandle | undefined;
  readonly #pipes: (Pipe | undefined)[] = [];
  readonly #lent: PipeHandle[] = [];
  readonly #killSignal: number;
  readonly #maxBuffer: number;
  readonly #ended: (result: RunResult) => void;
  /** Handles that keep it going: the process and its open pipes. */
  #pending = 1;
  #bytesRead = 0;
  #exit: { readonly code: number; readonly signal: string | null } | undefined;
  #killed = false;
  #error = 0;
  #pipeError = 0;
  #stopTimer: () => void = () => {};
  #stopGrace: () => void = () => {};

  constructor(bindings: ChildBindings, options: RunOptions, ended: (result: RunResult) => void) {
    this.#bindings = bindings;
    this.#options = options;
    this.#ended = ended;
    this.#killSignal = options.killSignal ?? SIGTERM;
    this.#maxBuffer = options.maxBuffer || Number.POSITIVE_INFINITY;
  }

  start(): void {
    const { timeout } = this.#options;
    // As Node's, they inherit nothing that a program has put into Object.prototype: `uid`, say. The sync functions have no
    // use for `serialization`, which would be checked.
    const options = { __proto__: null, ...this.#options, serialization: undefined, stdio: this.#forms() };
    const { process, stdio, error } = startChild(options);
    this.#openPipes(stdio);
    this.#error = error;
    if (error !== 0) {
      process.close();
      this.#closePipes();
      this.#ended(this.#result());
      return;
    }
    this.#child = process;
    process.onexit = (code, signal) => this.#exited(code, signal || null);
    if (timeout) {
      this.#stopTimer = startTimer(timeout, () => {
        this.#fail(-ETIMEDOUT);
        this.#kill();
      });
    }
    this.#lend(stdio);
    for (let fd = 0; fd < this.#pipes.length; fd++) {
      const pipe = this.#pipes[fd];
      if (pipe === undefined) continue;
      this.#pending++;
      pipe.start();
    }
  }

  [tellWait](): Told {
    const { file, args } = this.#options;
    const pid = this.#child?.pid;
    const command = typeof args === 'object' && args !== null ? join(args, ' ') : file;
    return { text: shown(`child ${pid === undefined ? '' : `${pid}: `}${command}`), instead: true };
  }

  cancel(): void {
    this.#kill();
    if (this.#child === undefined || this.#exit !== undefined) return;
    this.#stopGrace = startTimer(CANCEL_GRACE_MS, () => this.#child?.kill(SIGKILL));
  }

  /** The entries of `stdio` in the forms that Node's spawn() takes. */
  #forms(): unknown[] {
    const { stdio } = this.#options;
    const forms: unknown[] = [];
    for (let fd = 0; fd < stdio.length; fd++) {
      const { type, fd: inherited, _stdio } = stdio[fd] as Stdio;
      forms[fd] = inherited ?? _stdio ?? type;
    }
    // Node lets a string that names no form fall out of the list; the sync form leaves the rest of it so short.
    while (forms.length < 3) forms[forms.length] = 'ignore';
    return forms;
  }

  #openPipes(stdio: readonly OpenedStdio[]): void {
    for (let fd = 0; fd < this.#options.stdio.length; fd++) {
      const { type, handle } = stdio[fd] as OpenedStdio;
      if ((type !== 'pipe' && type !== 'overlapped') || handle === undefined) continue;
      this.#pipes[fd] = new Pipe(this.#bindings, handle, this.#options.stdio[fd] as Stdio, {
        read: (bytes) => this.#read(bytes),
        failed: (error) => {
          this.#pipeError ||= error;
        },
        closed: () => this.#close(),
      });
    }
  }

  /** A stream that the child was given is not read here meanwhile. */
  #lend(stdio: readonly OpenedStdio[]): void {
    for (let fd = 0; fd < stdio.length; fd++) {
      const { type, handle } = stdio[fd] as OpenedStdio;
      if (type !== 'wrap' || handle?.reading !== true) continue;
      handle.readStop();
      this.#lent[this.#lent.length] = handle;
    }
  }

  #takeBack(): void {
    for (let i = 0; i < this.#lent.length; i++) {
      const handle = this.#lent[i] as PipeHandle;
      if (handle.reading === true) handle.readStart();
    }
  }

  #result(): RunResult {
    const error = this.#error || this.#pipeError;
    const exit = this.#exit;
    return {
      ...(error !== 0 && { error }),
      status: exit === undefined || exit.signal !== null ? null : exit.code,
      signal: exit?.signal ?? null,
      output: exit === undefined ? null : this.#output(),
      pid: exit === undefined ? 0 : (this.#child?.pid ?? 0),
    };
  }

  #output(): (Buffer | null)[] {
    const output: (Buffer | null)[] = [];
    for (let fd = 0; fd < this.#options.stdio.length; fd++) output[fd] = this.#pipes[fd]?.output() ?? null;
    return output;
  }

  #read(bytes: number): void {
    this.#bytesRead += bytes;
    if (this.#bytesRead <= this.#maxBuffer) return;
    this.#fail(-ENOBUFS);
    this.#kill();
  }

  #exited(code: number, signal: string | null): void {
    this.#exit = { code, signal };
    this.#stopGrace();
    this.#child?.close();
    this.#takeBack();
    this.#close();
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
    const child = this.#child;
    if (child !== undefined && this.#exit === undefined) {
      const error = child.kill(this.#killSignal);
      if (error !== 0 && error !== -ESRCH) {
        // A signal that this system doesn't know, or a child that is not ours any more.
        this.#fail(error === -ENOSYS ? -EINVAL : error);
        child.kill(SIGKILL);
      }
    }
    this.#closePipes();
  }

  #closePipes(): void {
    for (let fd = 0; fd < this.#pipes.length; fd++) this.#pipes[fd]?.close();
  }

  #fail(error: number): void {
    this.#error ||= error;
  }
}

interface PipeOwner {
  /** So many bytes came. */
  read(bytes: number): void;
  /** A libuv error; the pipe is closed then. */
  failed(error: number): void;
  closed(): void;
}

/** A pipe to the child: closed when all is written, and all is read, that there is to write and read. */
class Pipe {
  readonly #handle: PipeHandle;
  readonly #bindings: ChildBindings;
  readonly #stdio: Stdio;
  readonly #owner: PipeOwner;
  readonly #chunks: Uint8Array[] = [];
  #started = false;
  #closed = false;
  /** The work that is left: reading, writing. */
  #pending = 0;

  constructor(bindings: ChildBindings, handle: PipeHandle, stdio: Stdio, owner: PipeOwner) {
    this.#bindings = bindings;
    this.#handle = handle;
    this.#stdio = stdio;
    this.#owner = owner;
  }

  start(): void {
    const { readable, writable, input } = this.#stdio;
    this.#started = true;
    this.#pending = Number(readable === true) + Number(writable === true);
    if (writable) this.#startReading();
    // Even an empty write fails with EPIPE where the child has gone already.
    if (readable && input?.byteLength) this.#write(input);
    else if (readable) this.#shutdown();
  }

  /** In memory of its own, not in Node's shared pool: the native half makes them so too. Null if it is not read. */
  output(): Buffer | null {
    if (!this.#stdio.writable) return null;
    let length = 0;
    for (let i = 0; i < this.#chunks.length; i++) length += (this.#chunks[i] as Uint8Array).length;
    const whole = allocUnsafeSlow(length);
    let offset = 0;
    for (let i = 0; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i] as Uint8Array;
      apply(set, whole, [chunk, offset]);
      offset += chunk.length;
    }
    return whole;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close();
    if (this.#started) this.#owner.closed();
  }

  #startReading(): void {
    const { state, readBytes, readOffset } = this.#bindings;
    this.#handle.onread = (chunk) => {
      const count = state[readBytes] as number;
      if (count > 0 && chunk !== undefined) {
        this.#chunks[this.#chunks.length] = new Uint8Array(chunk, state[readOffset], count);
        this.#owner.read(count);
      } else if (count < 0) {
        this.#done(count === UV_EOF ? 0 : count);
      }
    };
    const error = this.#handle.readStart();
    if (error !== 0) this.#done(error);
  }

  #write(input: NodeJS.ArrayBufferView): void {
    const { WriteWrap, state, lastWriteWasAsync } = this.#bindings;
    const request = new WriteWrap();
    const bytes = bufferFrom(input.buffer as ArrayBuffer, input.byteOffset, input.byteLength);
    request.buffer = bytes;
    const written = (status: number): void => {
      if (status === 0) this.#shutdown();
      else this.#done(status);
    };
    request.oncomplete = written;
    const error = this.#handle.writeBuffer(request, bytes);
    if (error !== 0 || state[lastWriteWasAsync] === 0) written(error);
  }

  #shutdown(): void {
    if (this.#closed) return;
    const request = new this.#bindings.ShutdownWrap();
    const ended = (status: number): void => this.#done(status === -ENOTCONN ? 0 : status);
    request.oncomplete = ended;
    const error = this.#handle.shutdown(request);
    // 1: it was done at once.
    if (error !== 0) ended(error === 1 ? 0 : error);
  }

  #done(error: number): void {
    if (this.#closed) return;
    if (error !== 0) this.#owner.failed(error);
    this.#pending--;
    if (this.#pending === 0 || error !== 0) this.close();
  }
}
