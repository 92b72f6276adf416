import { describe, expect, it } from 'vitest';
import { node } from '../../child.js';

const [first, ending, arrived] = await Promise.all([
  node(['signal.mjs']),
  node(['signal.mjs', 'end']),
  node(['signal.mjs', 'arrived']),
]);
const results = JSON.parse(first.stdout.split('\n')[0] ?? '') as Record<string, unknown>;

describe('sigwait', () => {
  it('gives the signal that came, also by its number', () => {
    expect([results.waited, results.byNumber]).toEqual(['SIGUSR2', 'SIGUSR2']);
  });

  it('gives nothing when the time is over', () => {
    expect(results.late).toBe('nothing');
  });

  it('gives a signal to the task that has waited longest', () => {
    expect(results.order).toEqual(['1 SIGHUP', '2 SIGHUP']);
  });

  it('takes what was held back, once', () => {
    expect(results.held).toEqual(['SIGUSR2', 'SIGHUP', 'undefined']);
  });

  it('is interrupted by cancellation, and listens no longer', () => {
    expect(results.cancelled).toEqual([true, 0]);
  });
});

it.each([
  ['had arrived', arrived],
  ['was on its way', first],
])(
  'a signal that was held back and that %s when nobody took it comes then',
  (_, { stderr, code, signal }) => {
    expect([stderr, code, signal]).toEqual(['', null, 'SIGTERM']);
  },
);

describe('signal', () => {
  it('sets a handler that runs in a task, and gives what was there before', () => {
    expect(results.before).toEqual([true, true]);
    expect(results.seen).toEqual(['SIGHUP', true, 'after a pause']);
    expect(results.replaced).toBe(true);
  });

  it('ignores a signal, and gives it back to Node', () => {
    expect([results.ignored, results.listeners]).toEqual([true, 0]);
  });

  it('lets a handler suspend before it ends the process', () => {
    expect(ending.stdout).toMatch(/\nhandled\n$/);
    expect(ending.code).toBe(5);
  });
});

describe('alarm and setitimer', () => {
  it('send a SIGALRM, of which there is one timer', () => {
    expect(results.alarm).toEqual([0, true, 'SIGALRM', [0, 0]]);
  });

  it('repeat it until stopped', () => {
    expect(results.interval).toEqual(['SIGALRM', 'SIGALRM', 4, 0]);
  });
});

it('what makes no sense is refused', () => {
  expect(results.errors).toEqual([
    'AEVENT_INVALID_SIGNAL',
    'AEVENT_INVALID_SIGNAL',
    'AEVENT_INVALID_SIGNAL',
    'AEVENT_INVALID_ARGUMENT',
    'AEVENT_INVALID_TIMEOUT',
    'AEVENT_INVALID_TIMEOUT',
    'AEVENT_NO_PORTAL',
  ]);
  expect(results.worker).toBe('AEVENT_NOT_MAIN_THREAD');
});
