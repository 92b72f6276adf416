// Each step of the start of the backend, broken: it is undone, and the next try begins anew, or the feature is off and
// info() says why. Never is the core half started.
import { describe, expect, it } from 'vitest';
import { printed } from './child.js';

interface Said {
  readonly tries: string[];
  readonly backend?: string;
  readonly reason: string;
  readonly features: Record<string, string>;
}

const asked = process.env.AEVENT_BACKEND || 'fiber';
const start = (args: string[], env: NodeJS.ProcessEnv): Promise<Said> => printed(['start.mjs', ...args], env);

describe.concurrent('a step of the start that fails', () => {
  const steps = ['start', 'enter', 'useAsyncHooks', 'probeCallbackDepth', 'installPump', 'filterErrors'];
  it.each(steps)('is tried again with what is asked for, and named: %s', async (step) => {
    const { tries } = await start([step, 'once'], { AEVENT_BACKEND: asked });
    expect(tries[0]).toMatch(
      new RegExp(
        `^AEVENT_BACKEND_UNAVAILABLE: .*'${asked}'.*it could not be started \\(${step} is broken\\)`,
      ),
    );
    expect(tries[1]).toBe('ran');
  });

  // No backend is named: it is the same whichever is tested.
  it.runIf(asked === 'fiber').each(steps)(
    'for good leaves a program that asks for nothing with native: %s',
    async (step) => {
      const { tries, backend, reason } = await start([step, 'always'], { AEVENT_BACKEND: '' });
      expect(tries).toEqual(['ran', 'ran']);
      expect(backend).toBe('native');
      const why = `it could not be started (${step} is broken)`;
      expect(reason).toBe(`fiber: ${why}; thread: ${why}`);
    },
  );

  it('for want of a thread that takes profiles says so each time, until there is one', async () => {
    const env = { AEVENT_BACKEND: asked, AEVENT_PROFILE: '1' };
    const error = expect.stringMatching(/^AEVENT_NO_SAMPLER: /);
    expect((await start(['sampleCarriers', 'always'], env)).tries).toEqual([error, error]);
    expect((await start(['sampleCarriers', 'once'], env)).tries).toEqual([error, 'ran']);
  });
});

describe.concurrent('a part that tasks can do without', () => {
  const parts: [string, string | undefined, string][] = [
    ['lookNowAndThen', 'inspector', 'is broken'],
    ['Session.prototype', 'inspector', 'is frozen'],
    ['hookAddonScopes', 'addonScopes', 'is broken'],
    ['AsyncLocalStorage.prototype', 'asyncStores', 'is frozen'],
    ['Array.prototype', 'suspendInArrayJoin', 'is frozen'],
    ['JSON', 'suspendInJsonStringify', 'JSON.stringify()'],
    ['process.on', undefined, ''],
  ];
  it.each(parts)('is off, and tasks run all the same: %s', async (step, feature, why) => {
    const { tries, backend, features } = await start([step, 'always'], { AEVENT_BACKEND: asked });
    expect({ tries, backend }).toEqual({ tries: ['ran', 'ran'], backend: asked });
    const off = Object.keys(features).filter((name) => features[name] !== 'on');
    // Some are not needed on each Node.
    for (const name of off) {
      if (name === 'suspendInJsonStringify') continue;
      expect(name).toBe(feature);
      expect(features[name]).toContain(why);
    }
  });
});
