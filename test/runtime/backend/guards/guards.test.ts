// What aevent finds out about V8, Node and the system, taken away piece by piece: the part that needs it is off, says
// why in info(), and the program goes on.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usesAsyncContextFrame } from '../../../../dist/runtime/base/node-features.js';
import { node } from '../../child.js';
import { asked, compile, here, parsed, type Report } from './report.js';

const linux = process.platform === 'linux';
const x64Linux = linux && process.arch === 'x64';
/** For tests that name the backend, or ask for none: they are the same with each. */
const onceANode = asked === 'fiber';
let dir = '';

async function report(env: NodeJS.ProcessEnv, tasks = 10, flags: string[] = []): Promise<Report> {
  const ended = await node([...flags, here('tasks.mjs'), String(tasks)], { AEVENT_BACKEND: asked, ...env });
  return parsed(ended);
}

const interposed = (env: NodeJS.ProcessEnv, tasks?: number): Promise<Report> =>
  report({ LD_PRELOAD: join(dir, 'interpose.so'), ...env }, tasks);

const broken = (what: string, env: NodeJS.ProcessEnv = {}): Promise<Report> =>
  report({ BREAK: what, ...env }, 10, ['--import', here('broken.mjs')]);

/** All tasks ran, suspended, side by side. */
const allRan = { parked: 10, first: { done: 10, refused: {} }, second: { done: 10 } };
const everythingOn = { asyncHooksStack: 'on', callbackScopeDepth: 'on', pump: 'on', stackLimit: 'on' };

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'aevent-guards-'));
  if (linux) for (const name of ['interpose', 'allocator']) compile(name, dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.concurrent.runIf(linux)('a probe of the native addon that finds nothing', () => {
  it('is switched off, and nothing else is, where V8 hides its microtask queue', async () => {
    const size = "the size of V8's microtask queue was not found by probing";
    const running = "V8's is_running_microtasks flag was not found by probing";
    const suppressions = "V8's microtask suppression count was not found by probing";
    const hidden = [
      ['8', `${size}; ${running}; ${suppressions}`],
      ['64', `${running}; ${suppressions}`],
      ['72', running],
      ['0', "the allocator does not tell how large V8's microtask queue is"],
      ['99999999999', "the allocator does not tell how large V8's microtask queue is"],
    ] as const;
    for (const [bytes, reason] of hidden) {
      expect(await interposed({ USABLE_QUEUE: bytes })).toMatchObject({
        ...allRan,
        backend: asked,
        features: { ...everythingOn, pump: reason },
        inScope: 'done',
        perTask: 'AEVENT_NO_PUMP',
      });
    }
  });

  it.runIf(asked === 'fiber')(
    'leaves each stack its own mappings where there are no guard regions',
    async () => {
      const without = [
        ['none', 'the kernel has no guard regions (MADV_GUARD_INSTALL, Linux 6.13): Invalid argument'],
        ['false', 'a guard region can be read here'],
      ] as const;
      for (const [regions, sharedMappings] of without) {
        expect(await interposed({ GUARD_REGIONS: regions })).toMatchObject({
          ...allRan,
          features: { ...everythingOn, sharedMappings },
        });
      }
    },
  );

  it('is switched off where V8 hides the stacks that are put aside, and minor collections visit all of them', async () => {
    const hidden = [
      [{ NO_SELF_READ: '1' }, 'the system does not let a process look at its own memory with care'],
      [{ USABLE_ENVIRONMENT: '0' }, "the allocator does not tell how large V8's isolate is"],
      [{ USABLE_ENVIRONMENT: '4096' }, "V8's lists of the collector's callbacks were not found"],
    ] as const;
    for (const [env, reason] of hidden) {
      expect(await interposed(env)).toMatchObject({
        ...allRan,
        backend: asked,
        features: { collections: `off: ${reason}` },
      });
    }
  });

  it('is switched off where PerformCheckpoint is in another virtual slot', async () => {
    expect(await broken('microtask slot')).toMatchObject({
      ...allRan,
      backend: asked,
      features: {
        ...everythingOn,
        pump: 'MicrotaskQueue::PerformCheckpoint is not in the virtual slot that its pointer tells',
      },
      perTask: 'AEVENT_NO_PUMP',
    });
  });

  it('is switched off where the callback-scope depth is not found, and what needs it is refused', async () => {
    const hidden = [
      ['64', "Node's callback-scope depth was not found by probing (0 candidates)"],
      ['0', "the allocator does not tell how large Node's Environment is"],
      ['99999999999', "the allocator does not tell how large Node's Environment is"],
    ] as const;
    for (const [bytes, reason] of hidden) {
      expect(await interposed({ USABLE_ENVIRONMENT: bytes })).toMatchObject({
        ...allRan,
        backend: asked,
        features: { ...everythingOn, callbackScopeDepth: reason },
        inScope: 'AEVENT_NO_PORTAL',
        perTask: 'done',
      });
    }
  });
});

it.concurrent('where the callers of a tick are not told apart, tasks run, and info() says that waits may hang', async () => {
  expect(await broken('frames')).toMatchObject({
    ...allRan,
    backend: asked,
    features: { ...everythingOn, ticks: expect.stringMatching(/^off: whether Node asks for a tick/) },
  });
});

it.concurrent("where Node's pipes are out of reach, reads beside a stream are, and info() says so", async () => {
  const code = `aevent.call(() => fs.readSync(0, Buffer.alloc(4))).then((count) =>
    console.log(JSON.stringify([count, aevent.info().features.streamDescriptors])))`;
  const modules = "import fs from 'node:fs'; import aevent from 'aevent';";
  const args = ['--import', here('broken.mjs'), '--import', 'aevent/register', '--input-type=module', '-e'];
  const { stdout, stderr } = await node([...args, modules + code], {
    BREAK: 'bindings',
    AEVENT_BACKEND: asked,
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([0, expect.stringMatching(/^off: Node's pipes are out of reach/)]);
});

it.concurrent('where the end of the stack is not found, tasks run, and info() says that an overflow may break what it meets', async () => {
  expect(await broken('stack limit')).toMatchObject({
    ...allRan,
    backend: asked,
    features: { ...everythingOn, stackLimit: "where V8 keeps the stack's limit was not found by probing" },
    inScope: 'done',
    perTask: 'done',
  });
});

describe.concurrent.runIf(onceANode)("where Node's async_wrap cannot be had", () => {
  it.each([
    ['no inspector', "Node's async_wrap binding could not be reached: the inspector is not for you"],
    [
      'no closure',
      "Node's async_wrap binding could not be reached: no closure of executionAsyncId() holds it",
    ],
    ['other arrays', "Node's async_wrap binding does not have the arrays that aevent knows"],
  ])('%s: no backend switches stacks, and info() says why', async (what, reason) => {
    const found = await broken(what, { AEVENT_BACKEND: '' });
    expect(found).toMatchObject({
      parked: 0,
      first: { done: 0, refused: { AEVENT_NO_PORTAL: { count: 10 } } },
      backend: 'native',
      features: { asyncHooksStack: reason },
    });
    expect(found.reason).toContain(`thread: ${reason}`);
  });
});

const contextFrameFlag: Record<string, string> = {
  22: '--experimental-async-context-frame',
  24: '--no-async-context-frame',
  26: '--no-async-context-frame',
};

describe.concurrent('whose the continuation data is', () => {
  const flag = contextFrameFlag[process.versions.node.split('.')[0] as string];

  it.runIf(flag)('is told from what Node does, not from its flags', async () => {
    const flags = [flag as string, '--import', here('broken.mjs')];
    expect(await report({ BREAK: 'flags' }, 10, flags)).toMatchObject({
      ...allRan,
      features: everythingOn,
      stores: [1, 2],
      inScope: 'done',
      perTask: 'done',
    });
  });
});

// Where AsyncLocalStorage is kept in the continuation data.
describe.concurrent.runIf(usesAsyncContextFrame)('frames of contexts', () => {
  const entered = { ...allRan, backend: asked, inScope: 'done', stores: [1, 2], callbacks: [3, 4] };

  it('are made without copying', async () => {
    expect(await report({})).toMatchObject({
      ...entered,
      features: { ...everythingOn, contextFrames: 'on' },
    });
  });

  it('are made by Node where its own are other than aevent knows', async () => {
    const reason = "Node's AsyncContextFrame is not the Map that aevent knows";
    expect(await broken('context frames')).toMatchObject({
      ...entered,
      features: { ...everythingOn, contextFrames: reason },
    });
  });
});

describe.concurrent.runIf(onceANode)('a backend that does not work', () => {
  it.runIf(x64Linux)('fiber gives way to thread where its self-test goes wrong', async () => {
    expect(await broken('self-test', { AEVENT_BACKEND: '' })).toMatchObject({
      ...allRan,
      backend: 'thread',
      reason: 'fiber: the self-test went wrong (parked)',
      features: everythingOn,
    });
  });

  it.runIf(x64Linux)('fiber gives way to thread in a process with CET shadow stacks', async () => {
    const reason = 'this process runs with CET shadow stacks, which forbid switching stacks';
    expect(await interposed({ SHADOW_STACK: '1', AEVENT_BACKEND: '' })).toMatchObject({
      ...allRan,
      backend: 'thread',
      reason: `fiber: ${reason}`,
      features: everythingOn,
    });
  });

  it.runIf(x64Linux)('fiber is refused with CET shadow stacks if it was asked for', async () => {
    const { stdout, stderr, code } = await node([here('tasks.mjs'), '1'], {
      AEVENT_BACKEND: 'fiber',
      SHADOW_STACK: '1',
      LD_PRELOAD: join(dir, 'interpose.so'),
    });
    expect(stderr).toContain('AEVENT_BACKEND asks for the backend');
    expect(stderr).toMatch(/'fiber', which can't work here: .*CET shadow stacks.*Valid are: thread, native/);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  });

  it.runIf(linux)('fiber gives way to thread where there is no glibc', async () => {
    const program = join(dir, 'no-glibc');
    execFileSync(process.env.CXX ?? 'c++', [
      '-std=c++20',
      '-I',
      here('../../../../runtime/native'),
      here('no-glibc.cc'),
      '-o',
      program,
    ]);
    const reason = execFileSync(program, { encoding: 'utf8' }).trim();
    expect(reason).toBe('the fiber backend needs Linux with glibc on x86-64 or arm64');
    expect(await broken('no fibers', { REASON: reason, AEVENT_BACKEND: '' })).toMatchObject({
      ...allRan,
      backend: 'thread',
      reason: `fiber: ${reason}`,
      features: everythingOn,
    });
  });

  it.runIf(x64Linux).each([
    ['NO_OBJECTS', "V8's thread-local variables were not found"],
    ['FAILING_STACK_INFO', "where V8 keeps the beginning of a thread's stack was not found"],
    ['OTHER_LOCALS', "where V8 keeps a thread's id was not found"],
  ])(
    'fiber gives way to thread where it cannot tell what V8 knows a thread by (%s)',
    async (what, reason) => {
      expect(await interposed({ [what]: '1', AEVENT_BACKEND: '' })).toMatchObject({
        ...allRan,
        backend: 'thread',
        reason: `fiber: ${reason}`,
        features: everythingOn,
      });
    },
  );

  it.runIf(linux)(
    'a Node of musl gets the core for musl, and an error that names it where there is none',
    async () => {
      const musl = `aevent-linux-${process.arch}-musl-abi${process.versions.modules}.node`;
      const { stderr, code } = await node(['--import', here('broken.mjs'), here('tasks.mjs')], {
        BREAK: 'musl',
      });
      expect(code).toBe(1);
      expect(stderr).toContain('AEVENT_NO_BINARY');
      expect(stderr).toMatch(
        new RegExp(`no native addon for Node ${process.version} here: .*/${musl} was not found`),
      );
    },
  );
});

describe.concurrent.runIf(linux)('another allocator', () => {
  const libraries = '/usr/lib/x86_64-linux-gnu';
  const installed = ['libjemalloc.so.2', 'libtcmalloc_minimal.so.4'].map((name) => join(libraries, name));
  const works = { ...allRan, backend: asked, features: everythingOn, inScope: 'done', perTask: 'done' };

  it('changes nothing', async () => {
    expect(await report({ LD_PRELOAD: join(dir, 'allocator.so') })).toMatchObject(works);
  });

  it.each(installed.filter((file) => existsSync(file)))('%s changes nothing', async (file) => {
    expect(await report({ LD_PRELOAD: file })).toMatchObject(works);
  });
});
