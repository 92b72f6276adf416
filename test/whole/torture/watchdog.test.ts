import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const module = fileURLToPath(new URL('../../../integration/support/watchdog.mjs', import.meta.url));
const PROGRAM = `
  const { watchdog } = await import(${JSON.stringify(module)});
  const dog = watchdog(Number(process.argv[1]), () => process.exit(3));
  process.stdin.on('data', () => { dog.stop(); process.exit(0); });
  process.stdout.write('ready');
`;

function start(patienceMs: number) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, String(patienceMs)]);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return { child, ended, ready: new Promise((resolve) => child.stdout.once('data', resolve)) };
}

it('a watchdog barks when nobody has refreshed it for so long', async () => {
  expect(await start(1).ended).toBe(3);
});

it('does not take it for a hang that the process was stopped meanwhile', async () => {
  const { child, ended, ready } = start(3000);
  await ready;
  child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  child.stdin.write('.'); // there to be read as soon as it goes on
  child.kill('SIGCONT');
  expect(await ended).toBe(0);
});
