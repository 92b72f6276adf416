// Measures for how long the event loop was blocked.
/**
 * Beats until the returned function is called, which gives the longest time between two beats: about `beatMs` in a process
 * whose event loop is never blocked.
 */
export function startHeartbeat(beatMs = 5) {
  let last = performance.now();
  let longestMs = 0;
  const beat = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  };
  const timer = setInterval(beat, beatMs);
  return () => {
    clearInterval(timer);
    beat();
    return longestMs;
  };
}
