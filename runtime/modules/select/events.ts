// poll(2)'s event bits: the same on Linux, macOS and the BSDs, except the last one, which is Linux's
// (readiness.cc asserts that).

/** There is something to read, or the end of it. */
export const POLLIN = 1;
/** There is urgent data to read (TCP out-of-band data). */
export const POLLPRI = 2;
/** Writing would not wait. */
export const POLLOUT = 4;
/** An error; for the write end of a pipe also that no process reads. Always reported. */
export const POLLERR = 8;
/** The other end has hung up; there may still be something to read. Always reported. */
export const POLLHUP = 16;
/** Not an open descriptor. Always reported. */
export const POLLNVAL = 32;
/** The other end of a stream socket has shut down its writing half. Linux. */
export const POLLRDHUP = 0x2000;
