import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { call, native, orig, patch, replacement, select } from '../../../dist/runtime/index.js';
import { pause, thrownBy } from '../../support/tools.js';

const boom = new Error('boom');

describe('patch', () => {
  function blocking(word: string, ..._rest: unknown[]) {
    return `blocked for ${word}`;
  }
  const suspending = (word: string) => {
    pause();
    return `suspended for ${word}`;
  };
  const wait = patch(suspending, { orig: blocking });

  it('chooses at each call', async () => {
    expect(wait('me')).toBe('blocked for me');
    expect(await call(() => wait('me'))).toBe('suspended for me');
    expect(await call(() => native(() => wait('me')))).toBe('blocked for me');
  });

  it('shows both sides, and the one that a call would run', async () => {
    expect(wait[orig]).toBe(blocking);
    expect(wait[replacement]).toBe(suspending);
    expect(wait[select]()).toBe(blocking);
    expect(await call(() => wait[select]())).toBe(suspending);
    expect([orig, replacement, select]).toEqual(
      ['orig', 'replacement', 'select'].map((name) => Symbol.for(`aevent.${name}`)),
    );
  });

  it('passes this', async () => {
    const holder = {
      name: 'holder',
      who: patch(
        function (this: { name: string }) {
          pause();
          return `${this.name}, suspended`;
        },
        {
          orig(this: { name: string }) {
            return this.name;
          },
        },
      ),
    };
    expect(holder.who()).toBe('holder');
    expect(await call(() => holder.who())).toBe('holder, suspended');
  });

  it('throws what the side that runs throws', async () => {
    const failing = patch(
      () => {
        pause();
        throw boom;
      },
      {
        orig: () => {
          throw new RangeError();
        },
      },
    );
    expect(thrownBy(failing)).toBeInstanceOf(RangeError);
    expect(await call(() => thrownBy(failing))).toBe(boom);
  });

  it('looks like the original: name, length, own properties', () => {
    const original = Object.assign(blocking, { option: 42 });
    const made = patch(suspending, { orig: original }) as unknown as typeof original;
    expect([made.name, made.length, made.option]).toEqual(['blocking', 1, 42]);
    expect(Object.keys(made)).toEqual(Object.keys(original));
    expect(inspect(made)).toBe(inspect(original));
  });

  it('takes another name', () => {
    expect(patch(suspending, { orig: blocking, name: 'waitFor' }).name).toBe('waitFor');
  });

  it('gives a constructor to `new`', () => {
    class Thing {
      readonly given: unknown;
      constructor(given: unknown) {
        this.given = given;
      }
    }
    function Old(this: { given?: unknown }, given: unknown) {
      this.given = given;
    }
    const Patched = patch(() => {}, { orig: Old }) as unknown as typeof Thing;
    const made = new Patched(42);
    expect(made).toBeInstanceOf(Patched);
    expect(made).toBeInstanceOf(Old);
    expect(made.given).toBe(42);
    expect(new (class extends Patched {})(1).given).toBe(1);
  });

  it('cannot be called with `new` where the original cannot', () => {
    const Patched = patch(() => {}, { orig: () => {} }) as unknown as new () => object;
    expect(() => new Patched()).toThrow(TypeError);
  });

  it.each([
    [undefined, { orig: blocking }],
    [suspending, undefined],
    [suspending, {}],
    ['text', { orig: blocking }],
  ])('refuses (%o, %o)', (fn, options) => {
    const error = thrownBy(() => patch(fn as never, options as never));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain('patch(fn, { orig }) takes two functions');
  });
});
