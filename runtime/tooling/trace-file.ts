// A file of trace events (the array form of Chrome's trace format) that is whole JSON after each write: the bracket that
// closes the array is written with each part, and the next one begins in its place. So it can be read at any time, also
// after the process was killed.
import { builtin, copyOfBuiltin, globals, ofProcess } from '../base/builtins.js';
import { messageOf } from '../base/describe.js';
import { AeventError } from '../base/errors.js';
import { exec, part, push, setBytes, writeText } from '../base/primordials.js';

const fs = copyOfBuiltin<typeof import('node:fs')>('fs');
const { extname } = builtin<typeof import('node:path')>('path');
const { pid } = builtin<typeof import('node:process')>('process');

const PART_BYTES = 64 * 1024;
/** An event of parts and numbers is shorter than this: names are cut. */
const EVENT_BYTES = 8 * 1024;
/** So many events are kept as numbers, */
const MOST_RECORDS = 1024;
/** so many numbers each: lane, time, the kind, and what that says. */
const RECORD = 4;
/** Kinds of records: nothing, a number or a duration follows the tail; or all is text. */
const NOTHING = 0;
const WHOLE = 1;
const TENTHS = 2;
const LANE = 3;
const TEXT = 4;
/** So long an event may stay in memory. */
const DELAY_MS = 100;
const [ZERO, POINT, CLOSE] = [48, 46, 125];
const BILLION = 1e9;

/** The bytes of a constant part of events. */
export type Part = Uint8Array;

/** Makes a part of text. */
export const partOf = (text: string): Part => Buffer.from(text);

/** Makes the beginning of an event, up to its lane; `name` is JSON. */
export const headOf = (phase: string, name: string): Part =>
  partOf(`,\n{"ph":"${phase}","name":${name},"pid":${pid},"tid":`);

const TIME = partOf(',"ts":');
const LANE_NAME = headOf('M', '"thread_name"');
const HAS_NAME = partOf(',"ts":0,"args":{"name":');
const LANE_ORDER = partOf(`}},\n{"ph":"M","name":"thread_sort_index","pid":${pid},"tid":`);
const HAS_ORDER = partOf(',"ts":0,"args":{"sort_index":');
const LANE_END = partOf('}}');
const END = partOf('\n]\n');

/**
 * A trace file that is being written. Its methods never throw and never suspend. A busy server has a hundred thousand events a
 * second: where one happens only its numbers are noted, and bytes are made of many at once.
 */
export class TraceFile {
  readonly path: string;
  /** Why it ended by itself; empty while it is being written. */
  failure = '';
  readonly #fd: number;
  readonly #maxBytes: number;
  readonly #onFull: () => void;
  readonly #records = new Float64Array(MOST_RECORDS * RECORD);
  readonly #heads: Part[] = [];
  readonly #tails: Part[] = [];
  #count = 0;
  /** Names of lanes, and events that are text, in their order. */
  #texts: string[] = [];
  readonly #bytes: Buffer = Buffer.alloc(PART_BYTES + EVENT_BYTES + END.length);
  #length = 0;
  #at = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Nothing will turn the loop for a timer any more. */
  #atOnce = false;

  /**
   * Opens the file, or replaces it.
   * @param first - the first event, as JSON
   * @param onFull - called once, when nothing more is written: it is `maxBytes` long, or the disk is full
   * @throws {@link AeventError} `AEVENT_TRACE_FILE`
   */
  constructor(path: string, maxBytes: number, first: string, onFull: () => void) {
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
    this.#text(`[\n${first}`);
  }

  /** Adds an event that is JSON already. */
  add(event: string): void {
    push(this.#texts, event);
    this.#record(END, 0, 0, END, TEXT, 0);
  }

  /**
   * Adds an event of parts.
   * @param head - as {@link headOf} makes it
   * @param time - in tenths of a microsecond
   * @param tail - follows the time
   */
  event(head: Part, lane: number, time: number, tail: Part): void {
    this.#record(head, lane, time, tail, NOTHING, 0);
  }

  /** The same with a whole number behind the tail, and the end of the event. */
  numbered(head: Part, lane: number, time: number, tail: Part, number: number): void {
    this.#record(head, lane, time, tail, WHOLE, number);
  }

  /** The same with a duration in tenths of a microsecond. */
  lasting(head: Part, lane: number, time: number, tail: Part, duration: number): void {
    this.#record(head, lane, time, tail, TENTHS, duration);
  }

  /** Names a lane, and says where it stands. */
  lane(lane: number, name: string, order: number): void {
    push(this.#texts, name);
    this.#record(END, lane, 0, END, LANE, order);
  }

  /** From now on each event is written at once. */
  writeAtOnce(): void {
    this.#atOnce = true;
    this.flush();
  }

  /** Writes what is in memory. */
  flush(): void {
    const count = this.#count;
    const texts = this.#texts;
    this.#count = 0;
    this.#texts = [];
    if (this.failure !== '') return;
    let next = 0;
    for (let i = 0; i < count; i++) {
      const hasText = (this.#records[i * RECORD + 2] as number) >= LANE;
      this.#format(i, hasText ? (texts[next++] as string) : '');
    }
    this.#writeBytes();
  }

  close(): void {
    this.flush();
    if (this.failure === '') this.#end('closed', false);
  }

  #record(head: Part, lane: number, time: number, tail: Part, kind: number, number: number): void {
    const records = this.#records;
    const index = this.#count++;
    this.#heads[index] = head;
    this.#tails[index] = tail;
    const at = index * RECORD;
    records[at] = lane;
    records[at + 1] = time;
    records[at + 2] = kind;
    records[at + 3] = number;
    if (this.#count === MOST_RECORDS || this.#atOnce) this.flush();
    else this.#timer ??= globals.setTimeout(() => this.#late(), DELAY_MS).unref();
  }

  #late(): void {
    this.#timer = undefined;
    this.flush();
  }

  /** Makes bytes of a record; `text` is that of one that has any. */
  #format(index: number, text: string): void {
    const records = this.#records;
    const at = index * RECORD;
    const lane = records[at] as number;
    const kind = records[at + 2] as number;
    const number = records[at + 3] as number;
    if (kind === TEXT) {
      this.#text(`,\n${text}`);
      return;
    }
    if (kind === LANE) {
      this.#copy(LANE_NAME);
      this.#number(lane);
      this.#copy(HAS_NAME);
      this.#length += writeText(this.#bytes, JSON.stringify(text), this.#length);
      this.#copy(LANE_ORDER);
      this.#number(lane);
      this.#copy(HAS_ORDER);
      this.#number(number);
      this.#copy(LANE_END);
    } else {
      this.#copy(this.#heads[index] as Part);
      this.#number(lane);
      this.#copy(TIME);
      this.#tenths(records[at + 1] as number);
      this.#copy(this.#tails[index] as Part);
      if (kind !== NOTHING) {
        if (kind === WHOLE) this.#number(number);
        else this.#tenths(number);
        this.#bytes[this.#length++] = CLOSE;
      }
    }
    if (this.#length >= PART_BYTES) this.#writeBytes();
  }

  #text(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#length + bytes.length > PART_BYTES) this.#writeBytes();
    if (bytes.length > PART_BYTES) {
      this.#write(Buffer.concat([bytes, END]), bytes.length);
      return;
    }
    setBytes(this.#bytes, bytes, this.#length);
    this.#length += bytes.length;
  }

  #writeBytes(): void {
    const length = this.#length;
    this.#length = 0;
    if (length > 0) this.#write(this.#bytes, length);
  }

  /** A method of typed arrays takes longer for so few. */
  #copy(part: Part): void {
    const bytes = this.#bytes;
    const { length } = part;
    let at = this.#length;
    for (let i = 0; i < length; i++) bytes[at++] = part[i] as number;
    this.#length = at;
  }

  #tenths(value: number): void {
    const whole = Math.floor(value / 10);
    const tenth = value - whole * 10;
    this.#number(whole);
    if (tenth <= 0) return;
    this.#bytes[this.#length++] = POINT;
    this.#bytes[this.#length++] = ZERO + tenth;
  }

  #number(value: number): void {
    if (value < BILLION) {
      this.#digits(value | 0, 1);
      return;
    }
    const billions = Math.floor(value / BILLION);
    this.#number(billions);
    this.#digits((value - billions * BILLION) | 0, 9);
  }

  #digits(value: number, least: number): void {
    let count = 1;
    for (let limit = 10; count < 9 && limit <= value; limit *= 10) count++;
    if (count < least) count = least;
    const bytes = this.#bytes;
    let left = value;
    for (let at = this.#length + count; at-- > this.#length; ) {
      const rest = (left / 10) | 0;
      bytes[at] = ZERO + left - rest * 10;
      left = rest;
    }
    this.#length += count;
  }

  /** Writes the first `length` bytes, behind which there is room for the end of the file. */
  #write(bytes: Uint8Array, length: number): void {
    if (this.failure !== '') return;
    for (let i = 0; i < END.length; i++) bytes[length + i] = END[i] as number;
    const whole = length + END.length;
    try {
      for (let done = 0; done < whole; )
        done += fs.writeSync(this.#fd, bytes, done, whole - done, this.#at + done);
      this.#at += length;
      if (this.#at >= this.#maxBytes) this.#end(`it is ${this.#maxBytes} bytes long (maxBytes)`);
    } catch (error) {
      this.#end(messageOf(error));
    }
  }

  #end(reason: string, tells = true): void {
    this.failure = reason;
    globals.clearTimeout(this.#timer);
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
