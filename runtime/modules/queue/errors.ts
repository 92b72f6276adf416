// The errors of queues.
import { AeventError } from '../../base/errors.js';

/** There was nothing to get, at once or in time. @see CPython `queue.Empty` */
export class Empty extends AeventError {
  /** Takes nothing: its message is always the same. */
  constructor() {
    super('AEVENT_QUEUE_EMPTY', 'The queue is empty, and was for as long as get() was to wait.');
  }

  override get name(): string {
    return 'Empty';
  }
}

/** There was no room to put something, at once or in time. @see CPython `queue.Full` */
export class Full extends AeventError {
  /** @param maxsize - how many items the queue holds */
  constructor(maxsize: number) {
    super(
      'AEVENT_QUEUE_FULL',
      `The queue holds ${maxsize}, its maxsize, and did for as long as put() was to wait.`,
    );
  }

  override get name(): string {
    return 'Full';
  }
}

/** The queue was shut down: nothing can be put, and nothing is left to get. @see CPython `queue.ShutDown` */
export class ShutDown extends AeventError {
  /** Takes nothing: its message is always the same. */
  constructor() {
    super('AEVENT_QUEUE_SHUT_DOWN', 'The queue was shut down.');
  }

  override get name(): string {
    return 'ShutDown';
  }
}
