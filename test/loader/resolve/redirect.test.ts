import { describe, expect, it } from 'vitest';
import { redirect, replacedModules, Treatment } from '../../../loader/resolve/redirect.js';

const nothing = new Uint8Array();
const user = { conditions: ['node', 'import'], parentURL: 'file:///app/main.mjs' };
const facade = new URL('../../../monkey/facades/timers.js', import.meta.url).href;

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
    // Of Node 23.
    const set = new Set(['node', 'require']);
    expect(redirect('timers', { ...user, conditions: set }, nothing)).toBeUndefined();
  });

  it("gives aevent's own files and other agents' wrappers the real builtin", () => {
    const real = { url: 'node:timers', format: 'builtin', shortCircuit: true };
    expect(redirect('timers', { parentURL: facade }, nothing)).toEqual(real);
    expect(redirect('node:timers', { parentURL: 'node:timers?iitm=true' }, nothing)).toEqual(real);
  });

  it('leaves an excluded module to the next hook, or gives the real one', () => {
    const treatments = new Uint8Array(replacedModules.length);
    treatments[replacedModules.indexOf('timers')] = Treatment.leftAlone;
    treatments[replacedModules.indexOf('child_process')] = Treatment.real;
    expect(redirect('timers', user, treatments)).toBeUndefined();
    expect(redirect('child_process', user, treatments)?.url).toBe('node:child_process');
    expect(redirect('timers/promises', user, treatments)?.format).toBe('module');
  });
});
