import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { call } from '../../../dist/runtime/index.js';
import { pause, paused, thrownBy, together } from '../../support/tools.js';

/** An array of arrays whose innermost element suspends. */
function nested(id: number, depth: number): unknown[] {
  let list: unknown[] = [{ toString: () => paused(`${id}`, 1 + (id % 3)) }];
  for (let n = 0; n < depth; n++) list = [n, list];
  return list;
}

describe('Array.prototype.join in tasks', () => {
  it('suspends at any depth, in many tasks that end in any order', async () => {
    // V8's list of arrays that are being joined grows beyond 8, and is dropped when the first one ends.
    const results = await together(12, (id) => `${nested(id, 3)}`);
    expect(results).toEqual(results.map((_, id) => `2,1,0,${id}`));
  });

  it('does so in a vm context, too', async () => {
    const join = runInNewContext('(list) => String([1, [2, [3, list]]])') as (list: unknown) => string;
    // The context knows of no carriers, but its Array does.
    const results = await together(12, (id) => join({ toString: () => paused(`${id}`, 1 + (id % 3)) }));
    expect(results).toEqual(results.map((_, id) => `1,2,3,${id}`));
  });

  it('of one array in two tasks is no cycle', async () => {
    const list = [{ toString: () => paused('a') }, 'b'];
    expect(await together(3, () => list.join('-'))).toEqual(['a-b', 'a-b', 'a-b']);
  });

  it('finds cycles', async () => {
    const list: unknown[] = [1];
    list.push(list, [2, list]);
    expect(await call(() => [list.join(), `${list}`, list.toLocaleString()])).toEqual([
      '1,,2,',
      '1,,2,',
      '1,,2,',
    ]);
  });

  const lists: [string, () => unknown][] = [
    ['holes, null and undefined', () => [...Array(1), null, undefined, 0, '', false, 1n].join()],
    ['an array-like', () => Array.prototype.join.call({ length: '2', 0: 'a' } as never, '+')],
    ['a string', () => Array.prototype.join.call('abc' as never, '-')],
    ['a length that is no number', () => Array.prototype.join.call({ length: Number.NaN } as never)],
    ['a separator that is null', () => [1, 2].join(null as never)],
    ['a Symbol', () => thrownBy(() => [Symbol('x')].join())],
    ['undefined', () => thrownBy(() => Array.prototype.join.call(undefined as never))],
    ['toLocaleString', () => [1234.5, new Date(0), null].toLocaleString('de', { timeZone: 'UTC' })],
    ['an element without toLocaleString', () => thrownBy(() => [Object.create(null)].toLocaleString())],
  ];
  it.each(lists)('gives what it gives outside of tasks: %s', async (_, body) => {
    expect(await call(body)).toEqual(body());
  });

  it('looks as it did', async () => {
    await call(() => pause());
    expect([Array.prototype.join.name, Array.prototype.join.length]).toEqual(['join', 1]);
    expect(Object.keys(Array.prototype)).toEqual([]);
    expect(() => new (Array.prototype.join as never)()).toThrow(TypeError);
  });
});
