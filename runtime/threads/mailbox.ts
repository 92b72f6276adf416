// One end of the way between two threads. What is small and plain goes as JSON through shared memory, which takes no system call;
// everything else goes through a port without a listener, and is taken by `receiveMessageOnPort()`, which works in the midst of
// synchronous code. Messages are numbered, and are taken in their order. Imported by both threads: free of the runtime.
import type { MessagePort } from 'node:worker_threads';
import { builtin } from '../base/builtins.js';

const { receiveMessageOnPort } = builtin<typeof import('node:worker_threads')>('worker_threads');
const { latin1Slice, utf8Slice, utf8Write } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, from: number, to: number): string;
  utf8Slice(this: Uint8Array, from: number, to: number): string;
  utf8Write(this: Uint8Array, text: string, at: number, length: number): number;
};

/** Places for messages on one way. A power of two. */
const PLACES = 64;
/** Characters that a message in shared memory may have; each takes at most 3 bytes. */
export const MOST_CHARACTERS = 1000;
const BYTES = 3 * 1024;

/** Shared by both ends of one way: the last number that was posted, the last that was taken, and of each place number and length. */
export interface SharedWay {
  readonly numbers: Int32Array;
  readonly bytes: ArrayBufferLike;
}
const POSTED = 0;
const TAKEN = 1;
const OF_PLACES = 2;

/** Where a toJSON() of the program's would be found. */
const ANY_OBJECT: object = [];

/** Makes the memory of one way. */
export function sharedWay(): SharedWay {
  return {
    numbers: new Int32Array(new SharedArrayBuffer(4 * (OF_PLACES + 2 * PLACES))),
    bytes: new SharedArrayBuffer(PLACES * BYTES),
  };
}

/** An end. */
export class Mailbox {
  readonly #port: MessagePort;
  readonly #out: Int32Array;
  readonly #in: Int32Array;
  readonly #outBytes: Uint8Array;
  readonly #inBytes: Uint8Array;
  #posted = 0;
  #taken = 0;
  #isPlain = false;

  constructor(port: MessagePort, out: SharedWay, incoming: SharedWay) {
    this.#port = port;
    this.#out = out.numbers;
    this.#in = incoming.numbers;
    this.#outBytes = Buffer.from(out.bytes);
    this.#inBytes = Buffer.from(incoming.bytes);
  }

  /** The number of the last message that was posted here. */
  get posted(): number {
    return this.#posted;
  }

  /** The number of the last message that was taken here. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether there is a message. */
  get hasMail(): boolean {
    return Atomics.load(this.#in, POSTED) !== this.#taken;
  }

  /** Whether the last message that was taken came as JSON: no two places of it have one object. */
  get isPlain(): boolean {
    return this.#isPlain;
  }

  /**
   * Posts a message. The other end looks up from its {@link wait} when it is told to by {@link nudge}.
   * @param isPlain - whether it is the same after `JSON.parse(JSON.stringify())`
   */
  post(message: unknown, transfer: readonly ArrayBuffer[], isPlain: boolean): void {
    const numbers = this.#out;
    const number = (this.#posted + 1) | 0;
    const index = number & (PLACES - 1);
    const place = OF_PLACES + 2 * index;
    const isFree = ((Atomics.load(numbers, TAKEN) - (numbers[place] as number)) | 0) >= 0;
    const text = isPlain && isFree && !('toJSON' in ANY_OBJECT) ? JSON.stringify(message) : undefined;
    if (text !== undefined && text.length <= MOST_CHARACTERS) {
      const length = Reflect.apply(utf8Write, this.#outBytes, [text, index * BYTES, BYTES]);
      // A text without other characters than ASCII's is read by a faster way.
      numbers[place + 1] = length === text.length ? length : -length;
      numbers[place] = number;
    } else this.#port.postMessage(message, transfer as ArrayBuffer[]);
    this.#posted = number;
    Atomics.store(numbers, POSTED, number);
  }

  /** Takes the next message; undefined if there is none. */
  take(): unknown {
    const numbers = this.#in;
    if (!this.hasMail) return undefined;
    const number = (this.#taken + 1) | 0;
    const index = number & (PLACES - 1);
    const place = OF_PLACES + 2 * index;
    this.#isPlain = numbers[place] === number;
    const message = this.#isPlain
      ? this.#read(index * BYTES, numbers[place + 1] as number)
      : (receiveMessageOnPort(this.#port) as { message: unknown }).message;
    this.#taken = number;
    Atomics.store(numbers, TAKEN, number);
    return message;
  }

  #read(at: number, length: number): unknown {
    const slice = length >= 0 ? latin1Slice : utf8Slice;
    return JSON.parse(Reflect.apply(slice, this.#inBytes, [at, at + Math.abs(length)]));
  }

  /**
   * Waits where it stands for a message.
   * @returns false if none has come in these milliseconds
   */
  wait(ms: number): boolean {
    return Atomics.wait(this.#in, POSTED, this.#taken, ms) !== 'timed-out';
  }

  /** Has the other end look up from its {@link wait}. */
  nudge(): void {
    Atomics.notify(this.#out, POSTED);
  }
}
