import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

const hasJspi = 'promising' in (Reflect.get(globalThis, 'WebAssembly') as object);

describe.runIf(hasJspi)('WebAssembly.promising() in a thread with tasks', () => {
  it('is refused once there are tasks', async () => {
    expect(await json(['jspi.mjs', 'task'])).toMatchObject({ results: [8, 'AEVENT_JSPI', 8] });
  });

  it('leaves no backend to a task that comes after it', async () => {
    const backend = process.env.AEVENT_BACKEND;
    const { results } = await json<{ results: unknown[] }>(['jspi.mjs', 'wasm']);
    expect(results).toEqual([7, backend ? 'AEVENT_BACKEND_UNAVAILABLE' : 'AEVENT_NO_PORTAL', 7]);
    expect(await json(['jspi.mjs', 'wasm'], { AEVENT_BACKEND: '' })).toEqual({
      results: [7, 'AEVENT_NO_PORTAL', 7],
      backend: 'native',
    });
  });
});
