// node:sqlite locks a connection for its OS thread: a task that was suspended inside would keep all others out for ever.
import { execFile } from 'node:child_process';
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../fixtures/sqlite.mjs', import.meta.url));
const hasLocks = process.env.AEVENT_BACKEND === 'thread';

it.skipIf(!isBuiltin('node:sqlite')).each(['aevent/register', 'aevent/auto'])(
  'tasks on one connection wait in functions of theirs, or are told that they cannot: %s',
  async (way) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = ['--no-warnings', '--import', way, script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 30_000 });
    const outcomes = JSON.parse(stdout);
    const refused = ['AEVENT_NO_PORTAL', 'AEVENT_NO_PORTAL'];
    expect(outcomes.get).toEqual(hasLocks ? refused : [1, 1]);
    expect(outcomes.iterate).toEqual(hasLocks ? ['AEVENT_NO_PORTAL'] : ['1+2']);
    if (outcomes.aggregate) expect(outcomes.aggregate).toEqual(hasLocks ? refused : [3, 3]);
  },
);
