import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDebug } from '../../../dist/runtime/tooling/debug.js';
import { node } from '../child.js';

const off = { tasks: undefined, inspect: false, blockingMs: undefined };

describe('AEVENT_DEBUG', () => {
  it.each([
    ['', off],
    [' , ', off],
    ['tasks', { ...off, tasks: 'SIGUSR2' }],
    ['tasks:SIGQUIT', { ...off, tasks: 'SIGQUIT' }],
    ['tasks,tasks:SIGHUP', { ...off, tasks: 'SIGHUP' }],
    ['inspect', { ...off, inspect: true }],
    ['blocking', { ...off, blockingMs: 50 }],
    ['blocking=7.5', { ...off, blockingMs: 7.5 }],
    [' tasks , inspect,blocking=20 ', { tasks: 'SIGUSR2', inspect: true, blockingMs: 20 }],
  ])('%j asks for %j', (text, options) => {
    expect(parseDebug(text)).toEqual(options);
  });

  it.each([
    'task',
    'tasks=SIGQUIT',
    'tasks:',
    'tasks:SIGKILL',
    'tasks:SIGSEGV',
    'tasks:SIGPROF',
    'tasks:toString',
    'tasks:15',
    'inspect:1',
    'blocking:20',
    'blocking=',
    'blocking=0',
    'blocking=-1',
    'blocking=Infinity',
    'blocking=soon',
    '__proto__',
    'tasks inspect',
  ])('%j is an error that lists what is valid', (text) => {
    const list =
      'Valid are, with commas between: tasks (or tasks:SIGNAL, such as tasks:SIGQUIT; the default is SIGUSR2), inspect, ' +
      'blocking (or blocking=MS; the default is 50).';
    const is = expect.objectContaining({
      name: 'TypeError',
      code: 'AEVENT_INVALID_OPTIONS',
      message: expect.stringMatching(/^AEVENT_DEBUG: "/),
    });
    expect(() => parseDebug(`inspect,${text}`)).toThrow(is);
    expect(() => parseDebug(text)).toThrow(list);
  });

  it('is read at the start, with whatever aevent is loaded', async () => {
    const register = join(import.meta.dirname, '../../../dist/loader/register.js');
    const runs = [
      ['--import', register, '-e', 'console.log("ran")'],
      ['setup.mjs', '{}'],
    ];
    const ended = await Promise.all(runs.map((args) => node(args, { AEVENT_DEBUG: 'everything' })));
    for (const { stdout, stderr } of ended) {
      expect(stdout).not.toContain('ran\n');
      expect(stdout + stderr).toMatch(/AEVENT_DEBUG: \\?"everything\\?" is none of its values/);
    }
  });
});
