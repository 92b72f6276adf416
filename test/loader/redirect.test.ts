import { describe, expect, it } from 'vitest';
import { redirect, replacedModules } from '../../loader/redirect.js';

const nothing = new Uint8Array();
const user = { conditions: ['node', 'import'], parentURL: 'file:///app/main.mjs' };
const facade = new URL('../../monkey/timers.js', import.meta.url).href;

describe('redirect()', () => {
  it('sends an import of a replaced builtin to its facade, with and without node:', () => {
    const to = { url: facade, format: 'module', shortCircuit: true };
    expect(redirect('timers', user, nothing)).toEqual(to);
    expect(redirect('node:timers', user, nothing)).toEqual(to);
  });

  it('leaves other modules, and what require() asks for, to others', () => {
    expect(redirect('node:path', user, nothing)).toBeUndefined();
    expect(redirect('./timers', user, nothing)).toBeUndefined();
    expect(redirect('timers', { ...user, conditions: ['node', 'require'] }, nothing)).toBeUndefined();
  });

  it("gives aevent's own files and other agents' wrappers the real builtin", () => {
    const real = { url: 'node:timers', format: 'builtin', shortCircuit: true };
    expect(redirect('timers', { parentURL: facade }, nothing)).toEqual(real);
    expect(redirect('node:timers', { parentURL: 'node:timers?iitm=true' }, nothing)).toEqual(real);
  });

  it('leaves an excluded module alone', () => {
    const leftAlone = new Uint8Array(replacedModules.length);
    leftAlone[replacedModules.indexOf('timers')] = 1;
    expect(redirect('timers', user, leftAlone)).toBeUndefined();
    expect(redirect('timers/promises', user, leftAlone)).toBeDefined();
  });
});
