import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

interface Report {
  outcomes: unknown[];
  ran: unknown;
  backend: string;
  reason: string;
}

/** What a process sees that calls setup() with each of these. */
const afterSetup = (calls: unknown[], backend = ''): Promise<Report> =>
  json<Report>(
    ['setup.mjs', ...calls.map((options) => (options === undefined ? 'nothing' : JSON.stringify(options)))],
    { AEVENT_BACKEND: backend },
  );

const suspended = [true, 'awaited'];

describe.concurrent('setup', () => {
  it.each(['fiber', 'thread'])('takes the backend %s as an object and as a string', async (backend) => {
    expect(await afterSetup([{ backend }])).toEqual({
      outcomes: ['done'],
      ran: suspended,
      backend,
      reason: 'setup() asks for it',
    });
    expect(await afterSetup([backend])).toMatchObject({ outcomes: ['done'], ran: suspended, backend });
  });

  it('is not needed', async () => {
    expect(await afterSetup([])).toMatchObject({
      ran: suspended,
      backend: 'fiber',
      reason: 'the fastest one',
    });
  });

  it('can be called again with the same', async () => {
    const { outcomes, backend } = await afterSetup([{ backend: 'thread' }, 'thread', {}, undefined]);
    expect(outcomes).toEqual(['done', 'done', 'done', 'done']);
    expect(backend).toBe('thread');
  });

  it('refuses a second, different backend, and says who asked for the first', async () => {
    expect(await afterSetup(['thread', 'fiber'])).toMatchObject({
      outcomes: [
        'done',
        {
          name: 'AeventError',
          code: 'AEVENT_BACKEND_CONFLICT',
          message:
            "setup() asks for the backend 'fiber', but this process already has 'thread' (setup() asks for it). " +
            'One process has one backend: ask for it once.',
        },
      ],
      ran: suspended,
      backend: 'thread',
    });
  });

  it('takes the backend from AEVENT_BACKEND', async () => {
    expect(await afterSetup([], 'thread')).toEqual({
      outcomes: [],
      ran: suspended,
      backend: 'thread',
      reason: 'AEVENT_BACKEND asks for it',
    });
  });

  it('may name the backend that AEVENT_BACKEND names', async () => {
    expect(await afterSetup(['thread'], 'thread')).toMatchObject({ outcomes: ['done'], backend: 'thread' });
  });

  it('refuses another backend than AEVENT_BACKEND names', async () => {
    const { outcomes, backend } = await afterSetup(['fiber'], 'thread');
    expect(outcomes).toMatchObject([
      { code: 'AEVENT_BACKEND_CONFLICT', message: expect.stringContaining('(AEVENT_BACKEND asks for it)') },
    ]);
    expect(backend).toBe('thread');
  });

  it('refuses what is no backend, naming those that are', async () => {
    const { outcomes } = await afterSetup(['uv', { backend: 42 }, { backend: null }]);
    const refusal = (value: string) => ({
      name: 'TypeError',
      type: true,
      code: 'AEVENT_UNKNOWN_BACKEND',
      message: `setup() names the backend ${value}. Valid are: fiber, thread, native.`,
    });
    expect(outcomes).toEqual([refusal('"uv"'), refusal('42'), refusal('null')]);
  });

  it('has the first task refuse an AEVENT_BACKEND that is none', async () => {
    expect(await afterSetup([], 'fibre')).toMatchObject({ ran: 'AEVENT_UNKNOWN_BACKEND' });
  });

  it('refuses unknown options, naming the known ones', async () => {
    const { outcomes } = await afterSetup([{ backends: 'fiber' }]);
    expect(outcomes).toEqual([
      {
        name: 'TypeError',
        type: true,
        code: 'AEVENT_UNKNOWN_OPTION',
        message:
          'setup() has no option "backends". ' +
          'It has: backend, exclude, include, inThread, suspendInRequire, maxBlockMs, policy, exitTimeoutMs, profile, preempt, sliceMs, blocking.',
      },
    ]);
  });

  it.each(['exclude', 'include'])('refuses unknown modules in %s, naming the known ones', async (option) => {
    const { outcomes } = await afterSetup([
      { [option]: ['fs', 'sqlite3'] },
      { [option]: [42] },
      { [option]: ['node:fs', 'child_process'] },
    ]);
    expect(outcomes).toEqual([
      {
        name: 'TypeError',
        type: true,
        code: 'AEVENT_UNKNOWN_MODULE',
        message: expect.stringMatching(
          /^setup\(.*\): aevent does not replace "sqlite3"\. It replaces: .*\bfs\b/,
        ),
      },
      expect.objectContaining({ code: 'AEVENT_UNKNOWN_MODULE' }),
      'done',
    ]);
  });

  it('refuses unknown policies and modules in policy', async () => {
    const { outcomes } = await afterSetup([
      { policy: { fs: 'sometimes' } },
      { policy: { sqlite3: 'auto' } },
      { policy: { fs: 'always', 'node:fs': 'never' } },
    ]);
    expect(outcomes).toEqual([
      {
        name: 'TypeError',
        type: true,
        code: 'AEVENT_UNKNOWN_POLICY',
        message: `setup({ policy }) gives 'fs' the policy "sometimes". Valid are: auto, always, never.`,
      },
      expect.objectContaining({ type: true, code: 'AEVENT_UNKNOWN_MODULE' }),
      'done',
    ]);
  });

  it.each([[-1], ['1'], [null]])('refuses maxBlockMs: %j', async (maxBlockMs) => {
    const { outcomes } = await afterSetup([{ maxBlockMs }, { maxBlockMs: 5 }, { maxBlockMs: 0 }]);
    expect(outcomes).toEqual([
      expect.objectContaining({ type: true, code: 'AEVENT_INVALID_OPTIONS' }),
      'done',
      'done',
    ]);
  });

  it.each([[null], [42], [true]])('refuses %j for options', async (options) => {
    const { outcomes } = await afterSetup([options]);
    expect(outcomes).toEqual([expect.objectContaining({ type: true, code: 'AEVENT_INVALID_OPTIONS' })]);
  });

  it.each([[{ exclude: 'fs' }], [{ include: {} }], [{ profile: 'yes' }], [{ include: null }]])(
    'refuses %j',
    async (options) => {
      const { outcomes } = await afterSetup([options]);
      expect(outcomes).toEqual([expect.objectContaining({ type: true, code: 'AEVENT_INVALID_OPTIONS' })]);
    },
  );
});

describe.concurrent('the backend native', () => {
  it('runs tasks without suspension', async () => {
    expect(await afterSetup([{ backend: 'native' }])).toEqual({
      outcomes: ['done'],
      ran: 'AEVENT_NO_PORTAL',
      backend: 'native',
      reason: 'setup() asks for it',
    });
  });

  it('has everything but suspension', async () => {
    expect(await json(['backend-native.mjs'], { AEVENT_BACKEND: 'native' })).toEqual({
      run: 3,
      order: ['body', 'task', 'grandchild', 'daemon cancelled'],
      failed: ['boom'],
      portal: false,
      portalAfterPerTask: false,
      plain: 42,
      refused:
        'await_ was called where nothing can be suspended (backend: native, since AEVENT_BACKEND asks for it). ' +
        'Ask for another backend, or for none.',
      patched: 'orig',
      native: 'ran',
      autoawaited: 'AEVENT_NO_PORTAL',
      backend: 'native',
      made: 0,
    });
  });
});
