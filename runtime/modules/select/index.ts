/** `aevent/select`: waiting for file descriptors, as Python's `select` module does. */
export { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDHUP } from './events.js';
export { Poll, poll } from './poll.js';
export { select } from './select.js';
export type { Pollable } from './target.js';
