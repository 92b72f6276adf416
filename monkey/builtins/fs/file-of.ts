// A file that a task waits for, for those who look at tasks: only its descriptor is known here.
import { builtin } from '../../../runtime/base/builtins.js';
import { shown } from '../../../runtime/base/describe.js';
import { type Subject, type Told, tellWait } from '../../../runtime/suspension/subject.js';

const { readlinkSync } = builtin<typeof import('node:fs')>('fs');

/** The file that a descriptor has open. */
export class FileOf implements Subject {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** @internal Its path, where the system tells that, else the descriptor. */
  [tellWait](): Told {
    try {
      return { text: shown(JSON.stringify(readlinkSync(`/proc/self/fd/${this.#fd}`))) };
    } catch {
      return { text: `fd ${this.#fd}` };
    }
  }
}
