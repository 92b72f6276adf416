// A file of trace events (the array form of Chrome's trace format) that is whole JSON after each write: the bracket that
// closes the array is written with each part, and the next one begins in its place. So it can be read at any time, also
// after the process was killed.
import { builtin, copyOfBuiltin, globals, ofProcess } from '../base/builtins.js';
import { systemClock } from '../base/clock.js';
import { messageOf } from '../base/describe.js';
import { AeventError } from '../base/errors.js';
import { exec, part } from '../base/primordials.js';

const fs = copyOfBuiltin<typeof import('node:fs')>('fs');
const { extname } = builtin<typeof import('node:path')>('path');
const { pid } = builtin<typeof import('node:process')>('process');

const PART_BYTES = 64 * 1024;
/** So long an event may stay in memory. */
const DELAY_MS = 100;
const END = '\n]\n';

/** A trace file that is being written. Its methods never throw and never suspend. */
export class TraceFile {
  readonly path: string;
  /** Why it ended by itself; empty while it is being written. */
  failure = '';
  readonly #fd: number;
  readonly #maxBytes: number;
  readonly #onFull: () => void;
  #at = 0;
  #buffer = '[';
  #first = true;
  #writtenAtMs = systemClock.now();
  #timer: NodeJS.Timeout | undefined;
  /** Nothing will turn the loop for a timer any more. */
  #atOnce = false;

  /**
   * Opens the file, or replaces it.
   * @param onFull - called once, when nothing more is written: it is `maxBytes` long, or the disk is full
   * @throws {@link AeventError} `AEVENT_TRACE_FILE`
   */
  constructor(path: string, maxBytes: number, onFull: () => void) {
    this.path = pathFor(path);
    this.#maxBytes = maxBytes;
    this.#onFull = onFull;
    let fd = -1;
    try {
      fd = fs.openSync(this.path, 'w');
      if (!fs.fstatSync(fd).isFile()) throw new Error('it is no regular file');
      this.#fd = fd;
    } catch (error) {
      if (fd >= 0) fs.closeSync(fd);
      throw new AeventError(
        'AEVENT_TRACE_FILE',
        `The trace cannot be written to ${JSON.stringify(this.path)}: ${messageOf(error)}. ` +
          'Name a file in a folder that exists, such as trace.json.',
        { cause: error },
      );
    }
  }

  /** Adds an event, which is JSON already. */
  add(event: string): void {
    if (this.failure !== '') return;
    this.#buffer += this.#first ? `\n${event}` : `,\n${event}`;
    this.#first = false;
    if (this.#atOnce || this.#buffer.length > PART_BYTES || systemClock.now() - this.#writtenAtMs > DELAY_MS)
      this.flush();
    else this.#timer ??= globals.setTimeout(() => this.flush(), DELAY_MS).unref();
  }

  /** From now on each event is written at once. */
  writeAtOnce(): void {
    this.#atOnce = true;
    this.flush();
  }

  /** Writes what is in memory. */
  flush(): void {
    if (this.#timer !== undefined) globals.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writtenAtMs = systemClock.now();
    if (this.#buffer === '' || this.failure !== '') return;
    const bytes = Buffer.from(this.#buffer + END);
    this.#buffer = '';
    try {
      for (let done = 0; done < bytes.length; )
        done += fs.writeSync(this.#fd, bytes, done, bytes.length - done, this.#at + done);
      this.#at += bytes.length - END.length;
      if (this.#at >= this.#maxBytes) this.#end(`it is ${this.#maxBytes} bytes long (maxBytes)`);
    } catch (error) {
      this.#end(messageOf(error));
    }
  }

  close(): void {
    this.flush();
    if (this.failure === '') this.#end('closed', false);
  }

  #end(reason: string, tells = true): void {
    this.failure = reason;
    try {
      fs.closeSync(this.#fd);
    } catch {
      // The program has closed all descriptors that it found.
    }
    if (tells) this.#onFull();
  }
}

/** Each thread has a file of its own, and so does a child that inherits the variable from a process that is still writing. */
function pathFor(path: string): string {
  const mark = (text: string): string => {
    const end = extname(path);
    return `${part(path, 0, path.length - end.length)}.${text}${end}`;
  };
  // Looked at late: to load that module is to replace process.chdir().
  const { isMainThread, threadId } = builtin<typeof import('node:worker_threads')>('worker_threads');
  if (!isMainThread) return mark(`${pid}.worker${threadId}`);
  return isBeingWritten(path) ? mark(String(pid)) : path;
}

/** The first event names the process. */
export const FIRST_EVENT = (name: string): string =>
  `{"name":"process_name","ph":"M","pid":${pid},"tid":0,"ts":0,"args":{"name":${JSON.stringify(name)}}}`;

function isBeingWritten(path: string): boolean {
  try {
    const fd = fs.openSync(path, 'r');
    try {
      const head = Buffer.alloc(100);
      const length = fs.readSync(fd, head, 0, head.length, 0);
      const found = exec(/"process_name","ph":"M","pid":(\d+)/, head.toString('latin1', 0, length));
      const writer = Number(found?.[1] ?? pid);
      return writer !== pid && ofProcess.kill(writer, 0);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return false;
  }
}
