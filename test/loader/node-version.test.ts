import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../dist/runtime/base/node-version.js';
import { node } from './child.js';

describe('a Node that aevent does not run on', () => {
  it.each(['18.20.8', '20.18.3', '21.7.3', '22.11.0'])('is %s', (version) => {
    expect(refusalOf(version)).toBe(`aevent needs Node ^20.19.0 || >=22.12.0, this is v${version}`);
  });

  it.each(['20.19.0', '22.12.0', '23.0.0', '24.1.2', '26.0.0'])('is not %s', (version) => {
    expect(refusalOf(version)).toBe('');
  });

  // integration/package/check.mjs runs older Nodes themselves; this tells which file refuses them.
  it.each([
    ['--import', 'aevent/register'],
    ['-r', 'aevent/register'],
    ['--import', 'aevent/auto'],
    ['-r', 'aevent/auto'],
    ['--import', 'aevent'],
    ['-r', 'aevent'],
    ['--import', 'aevent/threading'],
    ['--import', 'aevent/monkey/fs'],
    ['--loader', 'aevent/loader'],
  ])('is refused by %s %s', async (...way) => {
    const { stderr, code } = await node(['-r', './older-node.cjs', ...way, '-e', '0']);
    expect(stderr).toContain('aevent needs Node ^20.19.0 || >=22.12.0, this is v20.15.1.');
    expect(stderr).toContain("code: 'AEVENT_UNSUPPORTED_NODE'");
    expect(code).not.toBe(0);
  });

  it('is refused by the command in one line', async () => {
    const { stderr, code } = await node(['-r', './older-node.cjs', '../../../dist/loader/cli.js', '-e', '0']);
    expect(stderr).toBe('aevent needs Node ^20.19.0 || >=22.12.0, this is v20.15.1.\n');
    expect(code).toBe(1);
  });
});
