// readline that waits.
import realReadline from 'node:readline';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import readlinePromises from '../../dist/monkey/readline/promises.js';
import readline from '../../dist/monkey/readline.js';
import { call, createTaskGroup, runner } from '../../dist/runtime/index.js';
import { pause, thrownBy, turn } from '../runtime/tools.js';

const open = (): { input: PassThrough; output: PassThrough; rl: realReadline.Interface } => {
  const input = new PassThrough();
  const output = new PassThrough();
  return { input, output, rl: readline.createInterface({ input, output }) };
};

describe('questionSync', () => {
  it('asks and gives the answer, one after the other', () =>
    call(() => {
      const { input, output, rl } = open();
      setImmediate(() => input.write('Ada\n'));
      expect(rl.questionSync('name? ')).toBe('Ada');
      expect(String(output.read())).toBe('name? ');
      setImmediate(() => input.write('36\n'));
      expect(rl.questionSync('age? ')).toBe('36');
      rl.close();
    }));

  it('throws when the interface is closed, the signal aborted, or another task asks', () =>
    runner((tasks) => {
      const { input, rl } = open();
      const { signal } = new AbortController();
      expect(thrownBy(() => rl.questionSync('?', { signal: AbortSignal.abort() }))).toMatchObject({
        name: 'AbortError',
      });
      tasks.spawn(() => expect(rl.questionSync('?', { signal })).toBe('yes'));
      pause();
      expect(thrownBy(() => rl.questionSync('?'))).toMatchObject({ code: 'AEVENT_BUSY_RESOURCE' });
      input.write('yes\n');
      pause(3);
      setImmediate(() => input.end());
      expect(thrownBy(() => rl.questionSync('?'))).toMatchObject({ code: 'ERR_USE_AFTER_CLOSE' });
      expect(thrownBy(() => rl.questionSync('?'))).toMatchObject({ code: 'ERR_USE_AFTER_CLOSE' });
    }));

  it('cancelled, leaves the next line to the next question', () =>
    call(() => {
      const { input, rl } = open();
      const listeners = rl.listenerCount('close');
      const tasks = createTaskGroup();
      const scope = tasks.spawn(() => rl.questionSync('?'));
      pause(2);
      scope.cancel();
      tasks[Symbol.dispose]();
      setImmediate(() => input.write('answer\n'));
      expect(rl.questionSync('?')).toBe('answer');
      expect(rl.listenerCount('close')).toBe(listeners);
      rl.close();
    }));

  it('is there for readline/promises', () =>
    call(() => {
      const input = new PassThrough();
      const rl = readlinePromises.createInterface({ input });
      setImmediate(() => input.write('x\n'));
      expect(rl.questionSync('?')).toBe('x');
      rl.close();
    }));
});

it('lines are iterated, also those that come together, and the end ends the loop', () =>
  call(() => {
    const { input, rl } = open();
    setImmediate(() => {
      input.write('a\nb\n');
      setImmediate(() => input.end('c'));
    });
    expect([...rl]).toEqual(['a', 'b', 'c']);
  }));

it('line listeners suspend without changing the order in which lines begin', async () => {
  const seen: string[] = [];
  const { input, rl } = open();
  await call(() =>
    rl.on('line', (line) => {
      seen.push(line);
      pause(3);
      seen.push(`${line}!`);
    }),
  );
  input.write('a\nb\n');
  await turn(8);
  expect(seen.slice(0, 2)).toEqual(['a', 'b']);
  expect(seen.slice(2).sort()).toEqual(['a!', 'b!']);
  expect(rl).toBeInstanceOf(realReadline.Interface);
  rl.close();
});
