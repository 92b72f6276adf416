import { describe, expect, it } from 'vitest';
import { usesAsyncContextFrame } from '../../../dist/runtime/base/node-features.js';
import { call, info } from '../../../dist/runtime/index.js';
import { pause, together, turn } from '../../support/tools.js';
import { json } from '../child.js';

describe('info', () => {
  it('tells that nothing runs before the first task', async () => {
    const source = `import aevent from 'aevent'; console.log(JSON.stringify(aevent.info()))`;
    expect(await json(['--input-type=module', '-e', source])).toEqual({
      reason: 'not started yet',
      features: {},
      installed: false,
      replaced: [],
      inThread: [],
      importedEarlier: [],
      tasks: { live: 0, parked: 0 },
      carriers: { made: 0, idle: 0, switches: 0 },
      preemption: {
        slices: 0,
        ended: 0,
        notNow: { inNode: 0, inV8: 0, forbidden: 0 },
        longest: { ms: 0, at: '' },
        places: [],
      },
      counters: { carriersRefused: 0, enteredNatively: 0, eventsHeld: 0 },
    });
  });

  it('tells which backend runs and that every part of it is on', async () => {
    await call(() => pause());
    const { backend, reason, features } = info();
    expect(backend).toBe(process.env.AEVENT_BACKEND || 'fiber');
    expect(reason).toMatch(/asks for it|the fastest one/);
    const {
      addonCalls,
      asyncStores,
      collections,
      contextFrames,
      sharedMappings,
      suspendInJsonStringify,
      ...others
    } = features;
    expect(collections).toMatch(process.platform === 'linux' ? /^on$/ : /^off: /);
    expect(addonCalls).toBe(backend === 'thread' ? 'on' : undefined);
    expect(contextFrames).toBe(usesAsyncContextFrame ? 'on' : undefined);
    expect(asyncStores).toBe(usesAsyncContextFrame ? undefined : 'on');
    if (backend === 'fiber') expect(sharedMappings).toMatch(/^on$|guard region/);
    expect(others).toEqual({
      addonScopes: 'on',
      asyncHooksStack: 'on',
      callbackScopeDepth: 'on',
      heldRejections: 'on',
      tickQueue: 'on',
      microtaskScopes: 'on',
      pieces: 'on',
      pump: 'on',
      stackLimit: 'on',
      ticks: 'on',
    });
    expect(suspendInJsonStringify).toMatch(process.version.startsWith('v22.') ? /^off: / : /^on$/);
  });

  it('counts tasks and carriers', async () => {
    await call(() => pause());
    await turn();
    const before = info();
    const done = together(100, () => pause(3));
    await turn();
    const meanwhile = info();
    expect(meanwhile.tasks.live - before.tasks.live).toBe(100);
    expect(meanwhile.tasks.parked - before.tasks.parked).toBe(100);
    expect(meanwhile.carriers.made).toBeGreaterThanOrEqual(100);
    expect(meanwhile.carriers.switches).toBeGreaterThanOrEqual(before.carriers.switches + 100);
    await done;
    await turn();
    const after = info();
    expect(after.tasks).toEqual(before.tasks);
    expect(after.carriers.idle).toBeGreaterThanOrEqual(100);
    expect(after.counters).toEqual({ carriersRefused: 0, enteredNatively: 0, eventsHeld: 0 });
  });

  it('gives a copy', () => {
    expect(info().features).not.toBe(info().features);
  });
});
