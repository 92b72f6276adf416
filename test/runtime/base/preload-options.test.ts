import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  joinOptions,
  preloadsAevent,
  separatePreloads,
  splitOptions,
} from '../../../dist/runtime/base/preload-options.js';

describe('options of Node in a text', () => {
  it.each([
    ['--import  aevent/auto --no-warnings', ['--import', 'aevent/auto', '--no-warnings']],
    ['--import "./my folder/a.mjs"', ['--import', './my folder/a.mjs']],
    [String.raw`"--title=a \"b\" \\ c"`, [String.raw`--title=a "b" \ c`]],
    [String.raw`--title=a"b c"d\e`, [String.raw`--title=ab cd\e`]],
    ['', []],
  ])('are divided as Node divides them: %s', (text, options) => {
    expect(splitOptions(text)).toEqual(options);
    expect(splitOptions(joinOptions(options))).toEqual(options);
    const [last] = options.slice(-1);
    if (last?.startsWith('--title=') !== true) return;
    const env = { ...process.env, NODE_OPTIONS: text };
    const said = execFileSync(process.execPath, ['-p', 'process.title'], { env, encoding: 'utf8' });
    expect(`--title=${said.trim()}`).toBe(last);
  });

  it('are told from those that preload aevent', () => {
    const text =
      '-r aevent/register --import="aevent/auto" --import ./aevent.mjs --no-warnings --loader "aevent/loader"';
    const { preloads, others } = separatePreloads(splitOptions(text));
    expect(others).toEqual(['--no-warnings']);
    const ours = preloads.filter(preloadsAevent).map(({ value }) => value);
    expect(ours).toEqual(['aevent/register', 'aevent/auto', 'aevent/loader']);
  });
});
