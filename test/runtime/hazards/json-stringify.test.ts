import aevent from 'aevent';
import { describe, expect, it } from 'vitest';

const refuses = /^2[23]\./.test(process.versions.node);

async function stringifyInTasks(make: (id: number) => unknown): Promise<PromiseSettledResult<string>[]> {
  return Promise.allSettled([1, 2, 3].map((id) => aevent.call(() => JSON.stringify(make(id)))));
}

const suspending = (id: number): unknown => ({
  toJSON: () => aevent.await_(new Promise((resolve) => setTimeout(resolve, 4 - id, { id }))),
});

describe('a suspension inside JSON.stringify', () => {
  it.runIf(refuses)('is refused with an error where V8 could end the process', async () => {
    for (const outcome of await stringifyInTasks(suspending)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'AEVENT_NO_PORTAL' } });
    }
    expect(aevent.info().features.suspendInJsonStringify).toMatch(/^off: JSON\.stringify/);
  });

  it.runIf(!refuses)('works, also when several interleave', async () => {
    const outcomes = await stringifyInTasks(suspending);
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual([
      '{"id":1}',
      '{"id":2}',
      '{"id":3}',
    ]);
  });

  it('leaves the function as it was, to look at and to use', async () => {
    await aevent.call(() => {});
    expect(JSON.stringify.name).toBe('stringify');
    expect(JSON.stringify.length).toBe(3);
    expect(JSON.stringify({ a: [1, undefined], b: () => {} }, null, 1)).toBe(
      '{\n "a": [\n  1,\n  null\n ]\n}',
    );
  });
});
