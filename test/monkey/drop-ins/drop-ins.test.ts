import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { install } from '../../../integration/support/install.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const packages = fileURLToPath(new URL('../../../integration/drop-ins/', import.meta.url));
const register = new URL('../../../dist/loader/register.js', import.meta.url).href;

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: unknown;
}

function node(args: readonly string[], cwd: string = here, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const options = { cwd, env: { ...inherited, ...env }, timeout: 170_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ stdout, stderr, code: error === null ? 0 : (error.code ?? error.signal) }),
    );
  });
}

/** The sentences that a fixture says do not hold. */
async function broken(args: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await node(args);
  if (!stdout.startsWith('{')) throw new Error(stdout + stderr);
  const facts = Object.entries(JSON.parse(stdout) as Record<string, boolean>);
  expect(facts.length).toBeGreaterThan(10);
  return facts.filter(([, holds]) => !holds).map(([fact]) => fact);
}

describe('fibers', () => {
  it('is there without being installed, and does what the package does', async () => {
    expect(await broken(['--expose-gc', '--import', 'aevent/register', 'fibers.cjs'])).toEqual([]);
  });

  // cleanup.js compares durations, so it may fail on a busy machine.
  it("passes the package's own tests, unmodified", { retry: 2, timeout: 180_000 }, async () => {
    install(packages);
    const { stdout, stderr } = await node(['test.js'], `${packages}node_modules/fibers`, {
      NODE_OPTIONS: `--import=${register}`,
    });
    expect(stderr).toBe('');
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(19);
    expect(lines.filter((line) => !line.endsWith(': pass'))).toEqual([]);
  });
});

describe('deasync', () => {
  it('waits on the main stack, in timers and after an await', async () => {
    expect(await broken(['--import', 'aevent/register', 'deasync.cjs', 'main'])).toEqual([]);
    expect(await broken(['-r', 'aevent/register', 'deasync.cjs', 'main'])).toEqual([]);
  });

  it('waits in tasks', async () => {
    expect(await broken(['--import', 'aevent/auto', 'deasync.cjs'])).toEqual([]);
  });

  it('waits beside async hooks, where Node checks that callbacks end as they should', async () => {
    expect(await broken(['--import', 'aevent/register', 'deasync.cjs', 'main', 'hooks'])).toEqual([]);
    expect(await broken(['--import', 'aevent/auto', 'deasync.cjs', 'hooks'])).toEqual([]);
  });

  it('says so instead of waiting for what cannot happen', async () => {
    const { stderr, code } = await node(['--import', 'aevent/auto', 'deasync-dry.cjs']);
    expect(stderr).toContain('waits in deasync.loopWhile');
    expect(code).toBe(13);
  });

  it("passes the package's own offline tests, unmodified", async () => {
    install(packages);
    const files = ['quick-test.js', 'spec/app/exec.js', 'spec/app/sleep.js', 'spec/app/worker-threads.js'];
    const cwd = `${packages}node_modules/deasync`;
    const ended = await Promise.all(
      ['register', 'auto'].flatMap((way) =>
        files.map((file) => node(['--import', `aevent/${way}`, file], cwd)),
      ),
    );
    expect(ended.map(({ code, stderr }) => stderr || code)).toEqual(ended.map(() => 0));
  });
});

describe('setup()', () => {
  it('leaves an excluded package to Node', async () => {
    const { stdout, stderr } = await node(['--import', 'aevent/register', 'excluded.mjs']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'loaded']);
  });
});
