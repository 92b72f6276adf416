#!/usr/bin/env node
/**
 * `aevent [node options] app.mjs [args]`: runs a program in which everything may suspend. Options, a missing file
 * and the like are Node's to judge; this only puts `--import aevent/auto` in front.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { execve } from './node-features.js';

const usage = `Usage: aevent [node options] app.mjs [args]
Runs a program whose synchronous calls suspend instead of blocking the event loop.
It is short for: node --import aevent/auto [node options] app.mjs [args]
`;

const given = process.argv.slice(2);
if (given.length === 0) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const auto = new URL('./auto.js', import.meta.url).href;
  run([...process.execArgv, '--import', auto, ...given]);
}

function run(args: string[]): void {
  // TypeScript: `execve` never returns, but is not typed so everywhere.
  if (execve !== undefined)
    execve(process.execPath, [process.execPath, ...args], process.env as Record<string, string>);
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  for (const signal of Object.keys(constants.signals) as NodeJS.Signals[]) forward(signal);
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 0);
    // Ends as the program ended, so that whoever waits for us sees the same signal.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  function forward(signal: NodeJS.Signals): void {
    if (['SIGKILL', 'SIGSTOP', 'SIGCHLD'].includes(signal)) return;
    process.on(signal, () => child.kill(signal));
  }
}
