// Measures for how long the event loop was blocked.
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Beats until the returned function is called, which gives the longest time between two beats: about `beatMs` in a process
 * whose event loop is never blocked.
 */
export function startHeartbeat(beatMs = 5) {
  const stop = beat(beatMs, () => 0);
  return () => stop().longestMs;
}

/**
 * The same of all gaps. The returned function gives `longestMs`, and `ownMs(share)`: the length that so large a share of the gaps
 * does not exceed, without the time for which this thread was ready to run and got no processor (on Linux; else with it).
 */
export function startBeats(beatMs = 5) {
  const waits = processorWaits();
  const stop = beat(beatMs, waits.totalMs);
  return () => {
    const { longestMs, gaps } = stop();
    waits.close();
    gaps.sort((a, b) => a - b);
    return { longestMs, ownMs: (share) => gaps[Math.ceil(gaps.length * share) - 1] };
  };
}

/** Beats until the returned function is called. It gives the longest gap, and the gaps without the time that was waited in them. */
function beat(beatMs, waitedMs) {
  const gaps = [];
  let last = performance.now();
  let lastWaited = waitedMs();
  let longestMs = 0;
  const next = () => {
    const now = performance.now();
    const waited = waitedMs();
    longestMs = Math.max(longestMs, now - last);
    gaps.push(now - last - (waited - lastWaited));
    last = now;
    lastWaited = waited;
  };
  const timer = setInterval(next, beatMs);
  return () => {
    clearInterval(timer);
    next();
    return { longestMs, gaps };
  };
}

// How long this thread has waited for a processor so far. A file that is kept open is the thread's that has opened it.
function processorWaits() {
  if (process.platform !== 'linux') return { totalMs: () => 0, close() {} };
  const file = openSync('/proc/thread-self/schedstat');
  const buffer = Buffer.alloc(100);
  const totalMs = () => Number(buffer.latin1Slice(0, readSync(file, buffer, 0, 100, 0)).split(' ')[1]) / 1e6;
  return { totalMs, close: () => closeSync(file) };
}
