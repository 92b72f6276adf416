// What differs on Windows, with the facts of that system put in: there is no core for it, so everything must run natively.
import { win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signalsOf } from '../../dist/loader/forwarded-signals.js';
import { below } from '../../dist/loader/resolve/below.js';
import { prefixes } from '../../dist/monkey/builtins/fs/directories.js';
import { nowhereOn } from '../../dist/monkey/builtins/fs/remove.js';
import { fileOfFrame, placesIn } from '../../dist/runtime/base/stacks.js';
import { parseDebug } from '../../dist/runtime/tooling/debug.js';
import { node } from './child.js';

const facts = ['-r', './windows/facts.cjs'];
const cli = '../../../dist/loader/cli.js';
const env = { AEVENT_BACKEND: '', AEVENT_WARN: '' };

describe('on Windows, where there is no core', () => {
  it.each([
    ['--import', 'aevent/register'],
    ['-r', 'aevent/register'],
    ['--import', 'aevent/auto'],
    ['-r', 'aevent/auto'],
    ['--loader', 'aevent/loader'],
  ])('a program runs natively with %s %s, with one warning', async (...door) => {
    const { stdout, stderr, code } = await node([...facts, ...door, './windows/program.mjs'], env);
    expect(JSON.parse(stdout)).toMatchObject({ read: true, backend: 'native' });
    expect(stderr.match(/\[AEVENT_\w+\]/g)).toEqual(['[AEVENT_BLOCKS]']);
    expect(stderr).toMatch(/every call blocks: .*aevent-win32-.*was not found/);
    expect(code).toBe(0);
  });

  it('a program runs natively with setup(), and by the command', async () => {
    const [bySetup, byCommand] = await Promise.all([
      node([...facts, './windows/program.mjs', 'setup'], env),
      node([...facts, cli, ...facts, './windows/program.mjs'], env),
    ]);
    for (const { stdout, code } of [bySetup, byCommand]) {
      expect(JSON.parse(stdout)).toMatchObject({ read: true, backend: 'native' });
      expect(code).toBe(0);
    }
  });

  it('what AEVENT_DEBUG asks for is done, or said not to be', async () => {
    const { stdout, stderr, code } = await node(
      [...facts, '--import', 'aevent/register', './windows/program.mjs'],
      { ...env, AEVENT_DEBUG: 'inspect,tasks,blocking' },
    );
    expect(JSON.parse(stdout).read).toBe(true);
    expect(stderr).toMatch(/AEVENT_NOT_INSPECTABLE.*Windows has no socket that only its user can open/);
    expect(stderr).toMatch(/AEVENT_NO_BINARY.*What blocks the event loop is not seen/);
    expect(stderr).toMatch(/^aevent: 0 tasks, /m); // by SIGBREAK
    expect(code).toBe(0);
  });

  it('`aevent tasks` says how to see tasks', async () => {
    const { stderr, code } = await node([...facts, cli, 'tasks', `${process.pid}`], env);
    expect(stderr).toBe(
      `aevent: process ${process.pid} could not be asked: Windows has no socket that only its user can open. Start it with ` +
        'AEVENT_DEBUG=tasks, and press Ctrl-Break in its console, or let it call aevent.printTasks().\n',
    );
    expect(code).toBe(1);
  });

  it('`aevent doctor` says that every call blocks', async () => {
    const { stdout, code } = await node([...facts, cli, 'doctor', ...facts], env);
    expect(stdout).toMatch(/^PROBLEM +backend: native, so every call blocks: .*aevent-win32-/m);
    expect(code).toBe(1);
  });
});

describe('Windows in general', () => {
  it('a program gets the signals of its console itself: the command only outlives it', () => {
    const known = ['SIGINT', 'SIGBREAK', 'SIGHUP', 'SIGTERM', 'SIGKILL'];
    expect(signalsOf('win32', known)).toEqual({
      heard: ['SIGINT', 'SIGBREAK', 'SIGHUP'],
      areHandedOn: false,
    });
    expect(signalsOf('linux', [...known, 'SIGCHLD', 'SIGSTOP'])).toEqual({
      heard: ['SIGINT', 'SIGBREAK', 'SIGHUP', 'SIGTERM'],
      areHandedOn: true,
    });
  });

  it('AEVENT_DEBUG=tasks means Ctrl-Break, and signals that no process can send are refused', () => {
    expect(parseDebug('tasks', 'win32').tasks).toBe('SIGBREAK');
    expect(parseDebug('tasks:SIGHUP', 'win32').tasks).toBe('SIGHUP');
    for (const text of ['tasks:SIGUSR2', 'tasks:SIGQUIT', 'tasks:SIGTERM'])
      expect(() => parseDebug(text, 'win32')).toThrow(
        /tasks:SIGHUP; the default is SIGBREAK\), inspect, blocking/,
      );
  });

  it('a file is found below a folder whatever the case of its drive letter', () => {
    const isOurs = below('C:\\app\\node_modules\\aevent\\dist\\');
    expect(isOurs('c:\\app\\node_modules\\aevent\\dist\\loader\\index.js')).toBe(true);
    expect(isOurs('D:\\app\\node_modules\\aevent\\dist\\loader\\index.js')).toBe(false);
    expect(isOurs('C:\\APP\\node_modules\\aevent\\dist\\loader\\index.js')).toBe(false);
    const isOurUrl = below('file:///c:/app/dist/');
    expect(isOurUrl('file:///C:/app/dist/loader/index.js')).toBe(true);
    expect(isOurUrl('file:///C:/app/distant.js')).toBe(false);
    const isOnUnix = below('file:///app/dist/');
    expect([isOnUnix('file:///app/dist/x.js'), isOnUnix('file:///APP/dist/x.js')]).toEqual([true, false]);
    expect(below('\\\\server\\share\\dist\\')('\\\\server\\share\\dist\\x.js')).toBe(true);
  });

  it('frames of aevent are known by URLs and by paths', () => {
    const places = placesIn('file:///C:/app/aevent/', 'C:\\app\\aevent\\', win32.sep);
    const frames = [
      'at open (file:///C:/app/aevent/dist/runtime/all.js:1:1)',
      'at open (C:\\app\\aevent\\dist\\runtime\\base\\instance.cjs:1:1)',
    ];
    for (const frame of frames) expect(places.some((place) => frame.includes(place))).toBe(true);
  });

  it.each([
    ['main (C:\\app\\main.cjs:1:2)', 'C:\\app\\main.cjs'],
    ['main (c:/app/main.cjs:1:2)', 'c:/app/main.cjs'],
    ['main (file:///C:/app/main.mjs:1:2)', 'file:///C:/app/main.mjs'],
    ['main (\\\\server\\share\\main.cjs:1:2)', '\\\\server\\share\\main.cjs'],
    ['\\\\?\\C:\\app\\main.cjs:1:2', '\\\\?\\C:\\app\\main.cjs'],
    ['main (/app/main.cjs:1:2)', '/app/main.cjs'],
    ['main (node:fs:1:2)', undefined],
  ])('the file of the frame %s is %s', (frame, file) => {
    expect(fileOfFrame(frame)).toBe(file);
  });

  it('a deep folder is made in steps, with both separators where both separate', () => {
    const names = Array.from({ length: 20 }, (_, i) => `d${i}`);
    const upTo = (separator: string, count: number) => names.slice(0, count).join(separator);
    expect(prefixes(names.join('\\'), '\\')).toEqual([upTo('\\', 16)]);
    expect(prefixes(names.join('/'), '\\')).toEqual([upTo('/', 16)]);
    expect(prefixes(names.join('/'), '/')).toEqual([upTo('/', 16)]);
    expect(prefixes(names.join('\\'), '/')).toEqual([]);
    // There a slash is part of a name.
    expect(prefixes(`\\\\?\\C:\\${names.join('/')}`, '\\')).toEqual([]);
  });

  it('the path that nothing can be at is of a name that Windows forbids', () => {
    expect(win32.isAbsolute(nowhereOn(win32.sep))).toBe(true);
    expect(nowhereOn(win32.sep)).toMatch(/[<>]/);
    expect(nowhereOn('/')).toBe('/dev/null/nothing');
  });
});
