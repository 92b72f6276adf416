// Shared by the servers beside this file: handlers that block, and requests that all come at once.
import { execSync } from 'node:child_process';
import { once } from 'node:events';
import timers from 'node:timers';
import aevent from 'aevent';
import { BLOCK_MS } from './limits.mjs';
import { rounds } from './rounds.mjs';

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
  const { right, longestGapMs } = await rounds(address().port, ask);
  console.log(JSON.stringify({ right, atOnce, longestGapMs }));
  process.exit(right ? 0 : 1);
}
