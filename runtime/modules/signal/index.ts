/** `aevent/signal`: waiting for signals, and handlers of them that may suspend, as Python's `signal` module has them. */
export { getsignal, SIG_DFL, SIG_IGN, type SignalHandler, signal } from './handler.js';
export type { Signal } from './signals.js';
export { alarm, getitimer, setitimer } from './timer.js';
export { block, sigwait } from './wait.js';
