// What the servers beside this file have in common: handlers that block, and requests that all come at once.
import { execSync } from 'node:child_process';
import { once } from 'node:events';
import timers from 'node:timers';
import aevent from 'aevent';
import { BLOCK_MS, GAP_MS, REQUESTS, ROUNDS } from './limits.mjs';

let running = 0;
let atOnce = 0;
const cell = new Int32Array(new SharedArrayBuffer(4));
const ways = [
  () => timers.sleepSync(BLOCK_MS),
  () => execSync(`sleep ${BLOCK_MS / 1000}`),
  () => Atomics.wait(cell, 0, 0, BLOCK_MS),
];

/** Blocks for BLOCK_MS, as handlers do that nobody wrote for an event loop. */
export function block(i) {
  atOnce = Math.max(atOnce, ++running);
  ways[i % ways.length]();
  running--;
  return `answer ${i}`;
}

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
 * Starts a server, makes requests to it, and prints what came of it.
 * @param start - gives a server that listens on any port; its handlers call `block`
 * @param ask - (port, i) => a promise of the i-th answer
 */
export async function serve(start, ask) {
  // Under aevent/register what the task registers is opted in; under aevent/auto everything is.
  const server = await (process.env.IN_A_TASK ? aevent.call(start) : start());
  const address = () => server.address();
  if (!address()) await once(server, 'listening');
  const { port } = address();
  await round(port, ask); // what is loaded and made at first use is no gap
  atOnce = 0;
  let right = true;
  let longestGapMs = Number.POSITIVE_INFINITY;
  for (let left = ROUNDS; left > 0 && right && longestGapMs >= GAP_MS; left--) {
    const one = await round(port, ask);
    ({ right } = one);
    longestGapMs = Math.min(longestGapMs, one.longestGapMs);
  }
  console.log(JSON.stringify({ right, atOnce, longestGapMs: Number(longestGapMs.toFixed(1)) }));
  process.exit(right ? 0 : 1);
}

/** Asks over http. */
export async function get(port, i) {
  const response = await fetch(`http://127.0.0.1:${port}/${i}`);
  return response.text();
}
