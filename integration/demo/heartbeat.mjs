// Measures for how long the event loop was blocked.
const BEAT_MS = 5;

/**
 * Beats every 5 ms until the returned function is called, which gives the longest time between two beats:
 * about 5 ms in a process whose event loop is never blocked.
 */
export function startHeartbeat() {
  let last = performance.now();
  let longestMs = 0;
  const beat = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  };
  const timer = setInterval(beat, BEAT_MS);
  return () => {
    clearInterval(timer);
    beat();
    return longestMs;
  };
}
