// Far more tasks than the system gives stacks for, at each of the limits that it has: those that got a stack are done,
// each of the others has a clear error, and the process lives, serves the next ones, and ends well.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../child.js';
import { asked, compile, here, parsed, type Report } from './report.js';

const TASKS = 5000;
const THREADS = 1000;
const HUNG_MS = 100_000;
// More than so much memory can hold.
const MANY = 17_000;
const MEMORY_BYTES = 400 * 1024 * 1024;
// Of an account that nothing else runs as: the limit counts everything that a user has.
const USER = 61_000 + (process.pid % 4000);

const linux = process.platform === 'linux';
let dir = '';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'aevent-limits-'));
  if (linux) compile('interpose', dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Limited {
  prefix?: readonly string[];
  env?: NodeJS.ProcessEnv;
  tasks?: number;
}

async function reported({ prefix = [], env = {}, tasks = TASKS }: Limited): Promise<Report> {
  const [command, ...args] = [...prefix, process.execPath, here('tasks.mjs'), String(tasks)] as [string];
  return parsed(await run(command, args, { AEVENT_BACKEND: asked, ...env }, HUNG_MS));
}

async function expectSomeRefused(most: number, limited: Limited): Promise<void> {
  const found = await reported(limited);
  const { done, refused } = found.first;
  expect(Object.keys(refused)).toEqual(['AEVENT_NO_CARRIER']);
  expect(done + (refused.AEVENT_NO_CARRIER?.count ?? 0)).toBe(limited.tasks ?? TASKS);
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThanOrEqual(most);
  expect(found).toMatchObject({
    parked: done,
    second: { done: Math.min(done, 50), refused: {} },
    backend: asked,
    inScope: 'done',
    perTask: 'done',
  });
  expect(found.counters.carriersRefused).toBeGreaterThan(0);
  expect(refused.AEVENT_NO_CARRIER?.message).toMatch(
    /^A task could not be started: .*\. \d+ stacks are in use, .* raise ulimit -v, vm\.max_map_count or .*\.$/,
  );
}

/** A limit on threads: the tasks of `fiber` have none of their own. */
async function expectThreadsToMatter(most: number, limited: Limited): Promise<void> {
  if (asked === 'thread') return await expectSomeRefused(most, limited);
  expect(await reported(limited)).toMatchObject({
    parked: TASKS,
    first: { done: TASKS, refused: {} },
    second: { done: 50, refused: {} },
    backend: asked,
  });
}

/** Runs `fn`; if it throws, the test is skipped with what it threw as the reason. */
function orSkip<T>(skip: (note: string) => never, what: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    return skip(`${what}: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** Makes a cgroup in which the kernel counts `controller`, version 1 or 2 of them; gives what undoes it. */
function makeCgroup(controller: 'pids' | 'memory'): { path: string; second: boolean; remove: () => void } {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const mountOf = (type: string, option: string): string | undefined =>
    mounts.find((fields) => {
      const rest = fields.slice(fields.indexOf('-') + 1);
      return rest[0] === type && (option === '' || rest[2]?.split(',').includes(option));
    })?.[4];
  const first = mountOf('cgroup', controller);
  const second = mountOf('cgroup2', '');
  const root = first ?? second;
  if (root === undefined) throw new Error('no cgroups are mounted');
  const delegated = join(root, 'cgroup.subtree_control');
  const enable = first === undefined && !readFileSync(delegated, 'utf8').includes(controller);
  if (enable) writeFileSync(delegated, `+${controller}`);
  const path = join(root, `aevent-test-${process.pid}`);
  mkdirSync(path);
  const remove = (): void => {
    rmdirSync(path);
    if (enable) writeFileSync(delegated, `-${controller}`);
  };
  return { path, second: first === undefined, remove };
}

/** The command that runs another one in a cgroup. */
const within = (path: string): string[] => ['sh', '-c', `echo $$ > ${path}/cgroup.procs && exec "$0" "$@"`];

describe.runIf(linux)(`of ${TASKS} tasks at once those that get no stack fail, and nothing else does`, () => {
  it('where threads cannot be made any more', async () => {
    await expectThreadsToMatter(40, { env: { LD_PRELOAD: join(dir, 'interpose.so'), MOST_THREADS: '40' } });
  });

  it('at ulimit -u', async ({ skip }) => {
    const becoming = `process.setgroups([]); process.setgid(${USER}); process.setuid(${USER})`;
    orSkip(skip, 'nobody is exempt from it but root, who is needed for a user of its own', () =>
      execFileSync(process.execPath, ['-e', becoming], { stdio: 'pipe' }),
    );
    const prefix = ['prlimit', `--nproc=${THREADS}`];
    orSkip(skip, 'it cannot be set', () => execFileSync(prefix[0] as string, [prefix[1] as string, 'true']));
    await expectThreadsToMatter(THREADS, { prefix, env: { AS_UID: String(USER) } });
  });

  it('at pids.max', async ({ skip }) => {
    const { path, remove } = orSkip(skip, 'no cgroup can be made', () => makeCgroup('pids'));
    try {
      orSkip(skip, 'it cannot be set', () => writeFileSync(join(path, 'pids.max'), String(THREADS)));
      await expectThreadsToMatter(THREADS, { prefix: within(path) });
    } finally {
      remove();
    }
  });

  // The kernel kills what exceeds it.
  it.runIf(asked === 'fiber')(
    'at the memory limit of a cgroup',
    async ({ skip }) => {
      const { path, second, remove } = orSkip(skip, 'no cgroup can be made', () => makeCgroup('memory'));
      try {
        const file = second ? 'memory.max' : 'memory.limit_in_bytes';
        orSkip(skip, 'it cannot be set', () => writeFileSync(join(path, file), String(MEMORY_BYTES)));
        await expectSomeRefused(MANY - 1, { prefix: within(path), tasks: MANY });
      } finally {
        remove();
      }
    },
    HUNG_MS,
  );

  // The limit is the whole system's: so it is left, and most of what it allows is taken.
  it('at vm.max_map_count', async ({ skip }) => {
    const most = readFileSync('/proc/sys/vm/max_map_count', 'utf8').trim();
    if (Number(most) > 1_000_000) skip(`to take ${most} mappings would take long`);
    const env = { LD_PRELOAD: join(dir, 'interpose.so'), MAX_MAP_COUNT: most, MAPPINGS_LEFT: '2500' };
    await expectSomeRefused(1300, { env: { ...env, GUARD_REGIONS: 'none' } });
    if (asked === 'thread') return;
    const sharing = await reported({ env });
    if (sharing.features.sharedMappings !== 'on') skip(`${sharing.features.sharedMappings}`);
    expect(sharing).toMatchObject({ parked: TASKS, first: { done: TASKS, refused: {} } });
  });

  it('at ulimit -v', async () => {
    const limitKiB = peakOfIdleNodeKiB() + 800 * 1024;
    await expectSomeRefused(650, { prefix: ['sh', '-c', `ulimit -v ${limitKiB} && exec "$0" "$@"`] });
  });
});

function peakOfIdleNodeKiB(): number {
  const script = `require('fs').statSync('.'); process.stdout.write(require('fs').readFileSync('/proc/self/status'))`;
  const status = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  return Number(/VmPeak:\s*(\d+)/.exec(status)?.[1]);
}
