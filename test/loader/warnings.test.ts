import { describe, expect, it } from 'vitest';
import type { Info } from '../../dist/runtime/tasks/info.js';
import { node } from './child.js';

/** The codes of the warnings that a program was given, and what aevent.info() says at its end. */
async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ codes: string[]; info: Info; stderr: string }> {
  const { stdout, stderr, code } = await node(args, env);
  expect(code, stderr).toBe(0);
  return {
    codes: [...stderr.matchAll(/\[(AEVENT_\w+)\]/g)].map((found) => found[1] as string),
    info: JSON.parse(stdout),
    stderr,
  };
}

const register = ['--import', 'aevent/register'];
const agent = ['--import', './warnings/imports-builtins.mjs'];

describe.concurrent('a program whose tasks would block without a word', () => {
  it('is warned once that nothing is replaced, where the flag was forgotten', async () => {
    const { codes, info, stderr } = await run(['warnings/program.mjs']);
    expect(codes).toEqual(['AEVENT_NOTHING_REPLACED']);
    expect(stderr).toContain('node --import aevent/register');
    expect(info).toMatchObject({ installed: false, replaced: [], importedEarlier: [] });
    expect(info.door).toBeUndefined();
  });

  it.each([
    ['late-register.mjs', 'register'],
    ['late-setup.mjs', 'setup'],
    ['late-register.cjs', 'register'],
  ])('is warned once of what it had imported before: %s', async (file, door) => {
    const { codes, info, stderr } = await run([`warnings/${file}`]);
    expect(codes).toEqual(['AEVENT_IMPORTED_EARLIER']);
    expect(stderr).toContain('The program had imported child_process before aevent was in place');
    expect(info).toMatchObject({ installed: true, door, importedEarlier: ['child_process'] });
    expect(info.replaced).toContain('child_process');
  });

  it('is warned that no backend works, and why', async () => {
    const { codes, info, stderr } = await run(
      ['-r', './warnings/no-inspector.cjs', ...register, 'warnings/program.mjs'],
      {
        AEVENT_BACKEND: '',
      },
    );
    expect(codes).toEqual(['AEVENT_BLOCKS']);
    expect(info.backend).toBe('native');
    expect(stderr).toContain(info.reason);
  });

  it('is warned that the addon is of another version of aevent, and how to build it', async () => {
    const args = ['-r', './warnings/older-addon.cjs', ...register, 'warnings/program.mjs'];
    const { codes, info, stderr } = await run(args, { AEVENT_BACKEND: '' });
    expect(codes).toEqual(['AEVENT_BLOCKS']);
    expect(info.backend).toBe('native');
    expect(info.reason).toMatch(
      /addon .*\.node is of another version .* lacks findParkedStacks\. .*npm run cores/,
    );
    expect(stderr).toContain(info.reason);
    const asked = await node(args, { AEVENT_BACKEND: 'fiber' });
    expect(asked.code).toBe(1);
    expect(asked.stderr).toMatch(/is of another version .* lacks findParkedStacks[\s\S]*AEVENT_NO_BINARY/);
  });

  it('is warned once, and not once more by each Worker', async () => {
    const { stderr, code } = await node(['warnings/workers.mjs']);
    expect(code).toBe(0);
    expect(stderr.match(/\[AEVENT_\w+\]/g)).toEqual(['[AEVENT_NOTHING_REPLACED]']);
  });

  it('is not warned with AEVENT_WARN=0', async () => {
    const silent = { AEVENT_WARN: '0' };
    expect((await run(['warnings/program.mjs'], silent)).stderr).toBe('');
    expect((await run(['warnings/late-setup.mjs'], silent)).stderr).toBe('');
  });

  it('is not warned where it asks for the backend native', async () => {
    const native = { AEVENT_BACKEND: 'native' };
    expect((await run(['warnings/program.mjs'], native)).stderr).toBe('');
    expect((await run(['warnings/late-setup.mjs'], native)).stderr).toBe('');
  });
});

describe.concurrent('a program whose tasks suspend', () => {
  it.each([
    ['setup-first.mjs', 'setup', []],
    ['setup-first.cjs', 'setup', []],
    ['program.mjs', 'register', register],
    ['program.mjs', 'register', ['-r', 'aevent/register']],
    ['program.mjs', 'auto', ['--import', 'aevent/auto']],
    ['setup-first.cjs', 'auto', ['-r', 'aevent/auto']],
    ['program.mjs', 'register', [...agent, ...register]],
    ['setup-first.cjs', 'register', [...agent, ...register]],
    ['program.mjs', 'register', [...agent, '-r', 'aevent/register']],
    ['program.mjs', 'auto', [...agent, '--import', 'aevent/auto']],
  ])('is not warned, and info() names the door: %s, %s, %j', async (file, door, args) => {
    const { stderr, info } = await run([...args, `warnings/${file}`]);
    expect(stderr).toBe('');
    expect(info).toMatchObject({ installed: true, door, importedEarlier: [] });
    expect(info.replaced).toContain('child_process');
    expect(info.replaced.includes('fs')).toBe(!file.startsWith('setup-first'));
  });

  it('is not warned with --loader, either', async () => {
    const { codes, info } = await run(['--loader', 'aevent/loader', 'warnings/program.mjs']);
    expect(codes).toEqual([]);
    expect(info).toMatchObject({ installed: true, door: 'loader' });
  });

  it('is not warned where its code comes by --eval', async () => {
    const code = `require('aevent').call(() => console.log(JSON.stringify(require('aevent').info())))`;
    expect((await run([...agent, ...register, '--eval', code])).stderr).toBe('');
  });
});
