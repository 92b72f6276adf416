import { describe, expect, it } from 'vitest';
import { natives, node, stripsTypes } from './child.js';

interface Way {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const ways: Record<string, Way> = {
  '--import aevent/register': { args: ['--import', 'aevent/register'] },
  '-r aevent/register': { args: ['-r', 'aevent/register'] },
  '--loader aevent/loader': { args: ['--loader', 'aevent/loader'] },
  'NODE_OPTIONS=--import=aevent/register': { env: { NODE_OPTIONS: '--import=aevent/register' } },
  'NODE_OPTIONS=--require=aevent/register': { env: { NODE_OPTIONS: '--require=aevent/register' } },
  '--import aevent/auto': { args: ['--import', 'aevent/auto'] },
  '-r aevent/auto': { args: ['-r', 'aevent/auto'] },
  'the command aevent': { args: ['../../../dist/loader/cli.js'] },
};

const entries = ['forms.mjs', 'forms.cjs', 'entry.js', 'commonjs/entry.js'];
const typed = ['entry.mts', 'entry-esm.ts', 'entry.cts', 'commonjs/entry.ts'];

describe.concurrent.each(Object.entries(ways))('%s', (_, { args = [], env = {} }) => {
  it.each(stripsTypes ? [...entries, ...typed] : entries)(
    'gives the replaced modules to %s, however it asks for them',
    async (entry) => expect(await natives([...args, entry], env)).toEqual([]),
  );
});

// Node 22 runs what -r names in the thread of these hooks, too, where no ES module can be required.
it.concurrent.each(['aevent/register', 'aevent/auto'])(
  '-r %s goes with a preload that calls module.register()',
  async (way) => {
    const { stdout, stderr } = await node(['-r', way, '-r', './registers-hooks.cjs', 'forms.mjs']);
    expect(stderr.replace(/^.*DEP0205.*\n.*\n/gm, '')).toBe('');
    const forms = JSON.parse(stdout) as Record<string, string>;
    expect(Object.values(forms).filter((whose) => whose !== 'ours')).toEqual([]);
  },
);
