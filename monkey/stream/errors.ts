import { AeventError } from '../../runtime/errors.js';

/** A stream ended before as many bytes had come as were asked for; what had come is `partial`. */
export class IncompleteReadError extends AeventError {
  /** What was read before the end; it is not in the stream any more. */
  readonly partial: Buffer | string;
  /** How many bytes (characters, if the stream has an encoding) were asked for. */
  readonly expected: number;

  constructor(partial: Buffer | string, expected: number) {
    super(
      'AEVENT_INCOMPLETE_READ',
      `the stream ended after ${partial.length} of the ${expected} bytes asked for. What had come is in error.partial.`,
    );
    this.partial = partial;
    this.expected = expected;
  }

  override get name(): string {
    return 'IncompleteReadError';
  }
}

/** Another task waits for the same thing, which cannot be given to two. */
export class BusyResourceError extends AeventError {
  constructor(what: string) {
    super(
      'AEVENT_BUSY_RESOURCE',
      `${what} was called while another task waits in a call of the same kind on this object. ` +
        'Let one task do it, or take turns with a Lock from aevent/threading.',
    );
  }

  override get name(): string {
    return 'BusyResourceError';
  }
}
