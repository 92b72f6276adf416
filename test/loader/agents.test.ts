import { describe, expect, it } from 'vitest';
import { json } from './child.js';

const register = ['--import', 'aevent/register'];
const auto = ['--import', 'aevent/auto'];
const [major = 0] = process.versions.node.split('.').map(Number);
const right = {
  hooked: ['child_process', 'fs', 'http'],
  names: Array(4).fill('patchedByAgent'),
  spans: ['execSync', 'execSync', 'readFileSync'],
  suspends: true,
  added: ['function', 'function'],
};

describe.concurrent("an agent's hook of import-in-the-middle", () => {
  const agent = ['--no-warnings', '--import', './agent-import.mjs'];
  const ways = major < 22 ? ['register'] : ['register', 'registerHooks'];
  it.each(
    ways.flatMap((way): [string, string, string[]][] => [
      [way, 'before aevent', [...agent, ...register]],
      [way, 'after aevent', [...register, ...agent]],
      [way, 'before aevent/auto', [...agent, ...auto]],
      [way, 'after aevent/auto', [...auto, ...agent]],
    ]),
  )(
    'gets the builtin that the program gets, and what it patches is called: by %s, %s',
    async (way, _, args) => {
      expect(await json([...args, 'agent-program.mjs'], { AGENT: way })).toEqual(right);
    },
  );

  const loader = ['--loader', 'import-in-the-middle/hook.mjs'];
  it.each([
    ['before --loader aevent/loader', [...loader, '--loader', 'aevent/loader', ...agent]],
    ['before --import aevent/register', [...loader, ...agent, ...register]],
  ])('by --loader %s', async (_, args) => {
    expect(await json([...args, 'agent-program.mjs'], { AGENT: 'loader' })).toEqual(right);
  });
});

describe.concurrent("an agent's hook of require-in-the-middle", () => {
  const agent = ['--require', './agent-require.cjs'];
  it.each([
    ['--require, before --import aevent', [...agent, ...register]],
    ['--import, before it', ['--import', './agent-require.cjs', ...register]],
    ['--import, after it', [...register, '--import', './agent-require.cjs']],
    ['--require, before --require aevent', [...agent, '--require', 'aevent/register']],
    ['--require, after it', ['--require', 'aevent/register', ...agent]],
    ['--require, before aevent/auto', [...agent, ...auto]],
  ])('gets the builtin that the program gets, once a call: by %s', async (_, args) => {
    expect(await json([...args, 'agent-program.cjs'])).toEqual(right);
  });
});
