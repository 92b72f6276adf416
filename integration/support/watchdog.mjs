// Notices that a run hangs.
const TICK_MS = 1000;

/**
 * Calls `bark` when `refresh` was not called for so long. What counts is time in which this process ran: after it and
 * its children were stopped for a while (SIGSTOP, a machine that sleeps), they have not hung.
 */
export function watchdog(patienceMs, bark) {
  let left = patienceMs;
  const ticking = setInterval(() => {
    left -= TICK_MS;
    if (left > 0) return;
    clearInterval(ticking);
    bark();
  }, TICK_MS);
  return {
    refresh() {
      left = patienceMs;
    },
    stop() {
      clearInterval(ticking);
    },
  };
}
