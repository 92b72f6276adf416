#!/usr/bin/env node
/**
 * `aevent [node options] app.mjs [args]`: runs a program in which everything may suspend. Options, a missing file
 * and the like are Node's to judge; this only puts `--import aevent/auto` in front.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { refusalOf } from '../runtime/base/node-version.js';
import { signalsOf } from './forwarded-signals.js';

const usage = `Usage: aevent [node options] app.mjs [args]
Runs a program whose synchronous calls suspend instead of blocking the event loop.
It is short for: node --import aevent/auto [node options] app.mjs [args]

  aevent report  runs a program and writes a page of what blocked and what waited; --help tells more
  aevent tasks <pid> [--json] [--all] [--no-stacks]  shows the tasks of a process that has AEVENT_DEBUG=inspect
  aevent doctor [--json] [node options]  says what aevent can do here, what is off and why, and what to change
  A program of such a name is ./tasks.

  -h, --help     prints this
  -v, --version  prints the version of aevent
`;

/**
 * `process.execve()`: the command becomes the program, so there is no parent to forward signals and exit codes.
 * Node 22.15, 23.11 and later, and not on Windows.
 * @see https://github.com/nodejs/node/pull/56496
 */
const execve: typeof process.execve =
  process.platform === 'win32' ? undefined : process.execve?.bind(process);

const given = process.argv.slice(2);
const refusal = refusalOf(process.versions.node);
if (refusal !== '') fail(1, `${refusal}.\n`);
else if (given.length === 0) fail(2, usage);
else if (given[0] === '--help' || given[0] === '-h') process.stdout.write(usage);
else if (given[0] === 'report') await reportCommand();
else if (given[0] === '--version' || given[0] === '-v') process.stdout.write(`${version()}\n`);
else if (given[0] === 'tasks') await command(import('./commands/tasks.js'));
else if (given[0] === 'doctor') await command(import('./commands/doctor.js'));
else {
  const auto = new URL('./auto.js', import.meta.url).href;
  run([...process.execArgv, '--import', auto, ...given]);
}

async function reportCommand(): Promise<void> {
  const { report, reportUsage } = await import('./report/command.js');
  const args = given.slice(1);
  if (args[0] === '--help' || args[0] === '-h') process.stdout.write(reportUsage);
  else process.exitCode = await report(args);
}

/** Runs a command of aevent's own; its result is the exit code. */
async function command(loading: Promise<{ run(args: readonly string[]): Promise<number> }>): Promise<void> {
  const { run: runCommand } = await loading;
  process.exitCode = await runCommand(given.slice(1));
}

function fail(code: number, text: string): void {
  process.stderr.write(text);
  process.exitCode = code;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function run(args: string[]): void {
  // TypeScript: `execve` never returns, but is not typed so everywhere.
  if (execve !== undefined)
    execve(process.execPath, [process.execPath, ...args], process.env as Record<string, string>);
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const { heard, areHandedOn } = signalsOf(process.platform, Object.keys(constants.signals));
  for (const signal of heard) process.on(signal, () => areHandedOn && child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 0);
    // Ends as the program ended, so that the parent process sees the same signal.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
