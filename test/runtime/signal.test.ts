import { describe, expect, it } from 'vitest';
import { node } from './child.js';

const ended = await Promise.all([node(['signal.mjs']), node(['signal.mjs', 'end'])]);
const results = JSON.parse(ended[0].stdout.split('\n')[0] ?? '') as Record<string, unknown>;

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

it('a signal that was held back and that nobody took comes when it is held back no longer', () => {
  expect([ended[0].stderr, ended[0].code, ended[0].signal]).toEqual(['', null, 'SIGTERM']);
});

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
    expect(ended[1].stdout).toMatch(/\nhandled\n$/);
    expect(ended[1].code).toBe(5);
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
