import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../fixtures/standard-streams.mjs', import.meta.url));

/** Gives it a chunk, and another when it has asked for that. */
async function run(way: string): Promise<unknown> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const stdio = ['pipe', 'pipe', 'pipe', 'ipc'] as const;
  const child = spawn(process.execPath, ['--import', way, script], { env, stdio: [...stdio] });
  const output = Promise.all([text(child.stdout as never), text(child.stderr as never)]);
  child.stdin?.write('first\n');
  child.once('message', () => child.stdin?.end('second\n'));
  const [code] = await once(child, 'close');
  const [stdout, stderr] = await output;
  return { code, stdout: stdout.trimEnd().split('\n'), stderr };
}

it('listeners of the standard streams run in tasks where something opted in', async () => {
  const told = (portal: boolean): unknown => ({
    code: 0,
    stdout: [`first ${portal}`, `second ${portal}`, `end ${portal} 1 true`, `told ${portal}`],
    stderr: '',
  });
  expect(await run('aevent/auto')).toEqual(told(true));
  expect(await run('aevent/register')).toEqual(told(false));
});
