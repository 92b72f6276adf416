// readline that waits.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import realReadline from 'node:readline';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import readlinePromises from '../../../dist/monkey/facades/readline/promises.js';
import readline from '../../../dist/monkey/facades/readline.js';
import { call, createTaskGroup, runner } from '../../../dist/runtime/index.js';
import { pause, thrownBy, turn } from '../../support/tools.js';

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

const { NODE_OPTIONS: _, ...env } = process.env;
const fixturePath = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const register = ['--import', 'aevent/register'];

describe('lines that a pipe brings all at once', () => {
  const taken = async (input: string, way: string, module: string): Promise<unknown> => {
    const args = [...register, fixturePath('readline-piped.mjs'), way, module];
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(input);
    return JSON.parse(await text(child.stdout));
  };

  it('answer one question after the other', async () => {
    expect(await taken('1\n2\n3', 'questions', 'readline')).toEqual(['1', '2', '3']);
  });

  it('go to questions and to a loop, each once and in order', async () => {
    expect(await taken('1\n2\n3\n4', 'mixed', 'promises')).toEqual(['1', '(2', '3)', '(4']);
  });

  it('are kept however many they are; then the interface is closed', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    const got = await taken(`${lines.join('\n')}\n`, 'end', 'readline');
    expect(got).toEqual([...lines, 'ERR_USE_AFTER_CLOSE']);
  });
});

it.skipIf(!existsSync('/usr/bin/script'))(
  "Ctrl-C is Node's AbortError, thrown where the question was asked",
  async () => {
    const node = [`"${process.execPath}"`, ...register, `"${fixturePath('question-interrupted.mjs')}"`].join(
      ' ',
    );
    const child = spawn('script', ['-qec', node, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    for await (const chunk of child.stdout) {
      output += chunk;
      if (String(chunk).includes('ready?')) child.stdin.write('\x03');
    }
    expect(JSON.parse(/\{.*\}/.exec(output)?.[0] ?? '')).toEqual({
      name: 'AbortError',
      code: 'ABORT_ERR',
      message: 'Aborted with Ctrl+C',
      asker: true,
    });
  },
);
