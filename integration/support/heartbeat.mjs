// Measures for how long the event loop was blocked.
import { openSync, readSync } from 'node:fs';

/**
 * Beats until the returned function is called, which gives the longest time between two beats: about `beatMs` in a process
 * whose event loop is never blocked.
 */
export function startHeartbeat(beatMs = 5) {
  const stop = startBeats(beatMs);
  return () => stop().longestMs;
}

/**
 * The same of all gaps. The returned function gives `longestMs`, and `ownMs(share)`: the length that so large a share of the gaps
 * does not exceed, without the time for which this thread was ready to run and got no processor (on Linux; else with it).
 */
export function startBeats(beatMs = 5) {
  const waitedMs = processorWaits();
  const gaps = [];
  let last = performance.now();
  let lastWaited = waitedMs();
  let longestMs = 0;
  const beat = () => {
    const now = performance.now();
    const waited = waitedMs();
    longestMs = Math.max(longestMs, now - last);
    gaps.push(now - last - (waited - lastWaited));
    last = now;
    lastWaited = waited;
  };
  const timer = setInterval(beat, beatMs);
  return () => {
    clearInterval(timer);
    beat();
    gaps.sort((a, b) => a - b);
    return { longestMs, ownMs: (share) => gaps[Math.ceil(gaps.length * share) - 1] };
  };
}

// How long this thread has waited for a processor so far. A file that is kept open is the thread's that has opened it.
function processorWaits() {
  if (process.platform !== 'linux') return () => 0;
  const file = openSync('/proc/thread-self/schedstat');
  const buffer = Buffer.alloc(100);
  return () => Number(buffer.latin1Slice(0, readSync(file, buffer, 0, 100, 0)).split(' ')[1]) / 1e6;
}
