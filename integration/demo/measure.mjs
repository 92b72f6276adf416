// Runs a row in a process of its own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const folder = import.meta.dirname;
const DEADLOCK_MS = 3_000;
const HANG_MS = 30_000;
const MAX_OUTPUT = 1_500;

/**
 * Runs one row in a child process.
 * @returns what the row declared and its outcome: results, atOnce, totalMs and gapMs; or `deadlock` (the bound
 * in ms) where nothing came of it in time; or `failure`, a sentence
 */
export function measure(node, rowFile, way) {
  const flags = way === 'aevent' ? ['--import', 'aevent/register'] : [];
  const child = spawn(node, [...flags, join(folder, 'row.mjs'), rowFile, way], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true, // a process group of its own: what a deadlocked row has started must end with it
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));

  const measured = { row: undefined };
  let timer;
  const bound = (ms, name) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      measured[name] = ms;
      process.kill(-child.pid, 'SIGKILL');
    }, ms);
  };
  bound(HANG_MS, 'hang');
  child.on('message', ({ row, running, outcome }) => {
    if (row) measured.row = row;
    if (running && way === 'natively' && measured.row.natively === 'deadlock') bound(DEADLOCK_MS, 'deadlock');
    if (outcome) Object.assign(measured, outcome);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (measured.hang) measured.failure = `hung (bounded at ${HANG_MS / 1000} s)`;
      else if (!measured.deadlock && (code !== 0 || !measured.results))
        measured.failure = `ended with ${signal ?? `exit code ${code}`}`;
      if (measured.failure && output) measured.failure += `:\n${output.trim().slice(-MAX_OUTPUT)}`;
      resolve(measured);
    });
  });
}
