// Requests that all come at once, again and again, and how long the event loop did not turn meanwhile.
import { GAP_MS, REQUESTS, ROUNDS } from './limits.mjs';

/** Makes all requests at once. @returns the longest time for which the loop did not turn meanwhile; whether all went well */
async function round(port, ask) {
  let longestGapMs = 0;
  let lastMs = performance.now();
  const heartbeat = setInterval(() => {
    const nowMs = performance.now();
    longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 1);
  const answers = await Promise.all(Array.from({ length: REQUESTS }, (_, i) => ask(port, i)));
  clearInterval(heartbeat);
  return { longestGapMs, right: answers.every((answer, i) => answer === `answer ${i}`) };
}

/**
 * Repeats the round until one was not disturbed, neither by other programs nor by what is made at first use.
 * @param ask - (port, i) => a promise of the i-th answer
 * @returns the gap of the best round; whether all went well
 */
export async function rounds(port, ask) {
  let right = true;
  let longestGapMs = Number.POSITIVE_INFINITY;
  for (let left = ROUNDS; left > 0 && right && longestGapMs >= GAP_MS; left--) {
    const one = await round(port, ask);
    ({ right } = one);
    longestGapMs = Math.min(longestGapMs, one.longestGapMs);
  }
  return { right, longestGapMs: Number(longestGapMs.toFixed(1)) };
}

/** Asks over http. */
export async function get(port, i) {
  const response = await fetch(`http://127.0.0.1:${port}/${i}`);
  return response.text();
}
