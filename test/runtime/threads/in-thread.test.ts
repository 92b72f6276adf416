// A module in a thread, used as if it were local.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { await_, call, inThread, moveOnAfter, run } from '../../../dist/runtime/index.js';
import { pause, thrownBy, together } from '../../support/tools.js';

const file = fileURLToPath(new URL('../fixtures/thread-objects.cjs', import.meta.url));
type Objects = typeof import('../fixtures/thread-objects.cjs');
const local: Objects = createRequire(import.meta.url)(file);
const there: Objects = inThread<Objects>(file);
const isNative = process.env.AEVENT_BACKEND === 'native';

/** Runs the same code with the module here, in a thread outside of tasks, and in a thread in a task; all must agree. */
async function alike(body: (objects: Objects) => unknown): Promise<void> {
  const expected = body(local);
  expect(body(there)).toEqual(expected);
  expect(await run(() => body(there))).toEqual(expected);
}

it('classes, instances, accessors, statics and iterators are as they are here', () =>
  alike(({ Shape }) => {
    const shape = new Shape(4);
    const twice = shape.scaled(2);
    shape.sides = 5;
    shape.label = 'changed';
    return [
      shape instanceof Shape,
      twice instanceof Shape,
      twice.constructor === Shape,
      Shape.triangle().sides,
      shape.sides,
      shape.label,
      'label' in shape,
      'nothing' in shape,
      Object.keys(shape),
      [...shape],
      shape.isLike(new Shape(5)),
      shape.isLike({}),
      Shape.name,
      Shape.length,
      typeof Shape,
    ];
  }));

it('a class can be extended', () =>
  alike(({ Shape }) => {
    class Square extends Shape {
      constructor() {
        super(4);
      }
      describe(): string {
        return `${this.sides}, ${super.scaled(2).sides}`;
      }
    }
    const square = new Square();
    return [square.describe(), square instanceof Square, square instanceof Shape];
  }));

it('values are copied with what they are', () =>
  alike(({ kinds, echo }) => {
    const bare = Object.assign(Object.create(null), { a: 1 });
    const values = [
      1n,
      -0,
      Number.NaN,
      undefined,
      null,
      'x',
      new Date(3),
      /x/,
      new Map([[1, 2]]),
      bare,
      Buffer.from('hi'),
    ];
    return values.map((value) => [kinds(value), echo(value), Buffer.isBuffer(echo(value))]);
  }));

it('an object that comes back is the one that went', () =>
  alike(({ echo, Shape }) => {
    const mine = new (class Mine {
      value = 1;
    })();
    const shape = new Shape(3);
    const fn = (): number => 1;
    return [echo(mine) === mine, echo(shape) === shape, echo(fn) === fn, echo(Shape) === Shape];
  }));

it('errors have their class, also those of the module', () =>
  alike(({ Shape, ShapeError }) => {
    const error = thrownBy(() => {
      new Shape(3).sides = 1;
    }) as Error;
    return [error instanceof ShapeError, error instanceof RangeError, error.message, error.constructor.name];
  }));

it('callbacks are called here, may call back in, and what they throw is what their caller gets', () =>
  alike(({ each, twice, through, catching, Shape }) => {
    const own = new Error('mine');
    return [
      each([1, 2, 3], (n) => n * 2),
      twice((n) => twice((m) => m + n)),
      each([3, 4], (n) => new Shape(n).scaled(2).sides),
      thrownBy(() =>
        through(() => {
          throw own;
        }),
      ) === own,
      catching(() => {
        throw new TypeError('caught there');
      }),
    ];
  }));

it('an instance of a class that is not exported has its class by name, and the constants of its prototype', () =>
  alike(({ hidden }) => {
    const one = hidden();
    const prototype = Object.getPrototypeOf(one);
    return [one.constructor.name, prototype.unit, one.unit, Object.getPrototypeOf(hidden()) === prototype];
  }));

it('an object that a callback returns is the same one when it is given back', () =>
  alike(({ keeping }) => {
    const made = { count: 0 };
    const back = keeping(
      () => made,
      (kept) => kept.count++,
    );
    return [made.count, back === made];
  }));

it('what is thrown and is no error is the same one to those who catch it', () =>
  alike(({ through, catches }) => {
    const odd = { why: 'thrown' };
    const throws = (): never => {
      throw odd;
    };
    return [thrownBy(() => through(throws)) === odd, catches(throws) === odd];
  }));

it('a generator function is one there, too', () =>
  alike(({ isGenerator, sumOf }) => {
    const numbers = function* (to: number): Generator<number> {
      for (let n = 1; n <= to; n++) yield n;
    };
    return [isGenerator(numbers), isGenerator(() => 1), sumOf(numbers, 10)];
  }));

it('a property that no copy has is read where it is', () =>
  alike(({ readsHidden }) => {
    const secret = new Error('mine');
    const throws = Object.defineProperty({}, 'secret', {
      get() {
        throw secret;
      },
    });
    return [
      readsHidden(Object.defineProperty({}, 'secret', { value: 3 })),
      thrownBy(() => readsHidden(throws)) === secret,
    ];
  }));

it('an error of an iterator need not be its end', () =>
  alike(({ failing }) => {
    const iterator = failing();
    return [iterator.next().value, (thrownBy(() => iterator.next()) as Error).message, iterator.next().value];
  }));

it.skipIf(isNative)(
  'a callback runs in the task of its caller and may suspend; others wait their turn',
  async () => {
    const order: string[] = [];
    await run(async () => {
      const first = call(() =>
        there.each([1, 2], (n) => {
          order.push(`begins ${n}`);
          pause(5);
          order.push(`ends ${n}`);
          return n;
        }),
      );
      const second = call(() => order.push(`second ${there.echo(1)}`));
      await Promise.all([first, second]);
    });
    expect(order).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2', 'second 1']);
  },
);

it.skipIf(isNative)(
  'calls that come while the thread calls back of its own accord are served when it has done so',
  async () => {
    const order: string[] = [];
    await run(async () => {
      let hasBegun = (): void => {};
      const begun = new Promise<void>((resolve) => {
        hasBegun = resolve;
      });
      await call(() =>
        there.soon(() => {
          hasBegun();
          pause(5);
          order.push('called back');
        }),
      );
      await begun;
      await Promise.all([1, 2].map((n) => call(() => order.push(`answered ${there.echo(n)}`))));
    });
    expect(order).toEqual(['called back', 'answered 1', 'answered 2']);
  },
);

it.skipIf(isNative)('the thread calls back of its own accord as often as it likes', async () => {
  const seen: number[] = [];
  await run(async () => {
    await new Promise<void>((resolve) => {
      for (const ms of [5, 20, 40])
        there.after((n: number) => {
          seen.push(n);
          if (seen.length === 3) resolve();
        }, ms);
    });
  });
  expect(seen).toEqual([5, 20, 40]);
});

it('iterators give what they give here, and end when their loop is left', () =>
  alike((objects) => {
    const { count } = objects;
    const before = objects.ended;
    const seen: number[] = [];
    for (const n of count(10)) {
      seen.push(n);
      if (n === 7) break;
    }
    const whole = count(3);
    const results = [whole.next(), whole.next(), whole.next(), whole.next(), whole.next()];
    return [seen, [...count(1000)].length, results, objects.ended - before];
  }));

it('promises are promises', async () => {
  expect(await there.later(5)).toBe(5);
  await expect(there.fails()).rejects.toBeInstanceOf(there.ShapeError);
  if (!isNative) await run(() => expect(await_(there.later(6))).toBe(6));
});

it('an instance has what brands it by a symbol that both threads have', () =>
  alike(({ branded }) => {
    const one = branded() as unknown as Record<symbol, unknown>;
    return [one[Symbol.for('brand')], Object.getOwnPropertyDescriptor(one, Symbol.for('brand'))];
  }));

it('an object with functions is a reference', () =>
  alike(({ settings }) => [settings.unit, settings.convert(2), Object.keys(settings)]));

it.skipIf(isNative)('exported functions run in as many threads as are asked for', async () => {
  const { threadId } = inThread<Objects>(file, { threads: 2, inlineMs: 0 });
  const ids = await together(4, () => threadId());
  expect(new Set(ids).size).toBe(2);
  // Any function of the older kind has a prototype, as classes have.
  const all = inThread<Objects>(file, { threads: 2, inlineMs: 0 });
  const seen = await together(4, () => all.oldFashioned());
  expect(new Set(seen.map(([id]) => id)).size).toBe(2);
  expect(seen.map(([, isOfModule]) => isOfModule)).toEqual([true, true, true, true]);
});

it('a thread that dies, or runs out of memory, is an error for its callers, and for all who use its objects', async () => {
  for (const way of ['die', 'fillMemory'] as const) {
    const check = (): void => {
      const dying = inThread<Objects>(file, { resourceLimits: { maxOldGenerationSizeMb: 16 } });
      const shape = new dying.Shape(3);
      expect(thrownBy(() => dying[way]())).toMatchObject({ code: 'AEVENT_THREAD_ENDED' });
      expect(thrownBy(() => shape.sides)).toMatchObject({ code: 'AEVENT_THREAD_ENDED' });
      expect(thrownBy(() => new dying.Shape(4))).toMatchObject({ code: 'AEVENT_THREAD_ENDED' });
    };
    check();
    await run(check);
  }
});

it.skipIf(isNative)('a cancelled call is left alone, and one that had not begun is withdrawn', async () => {
  await run(() => {
    const before = there.ended;
    const waits = call(() => there.through(() => pause(10)));
    moveOnAfter(1, () => there.through(() => pause(1)));
    await_(waits);
    expect(there.ended).toBe(before);
    expect(there.echo(1)).toBe(1);
  });
});

it('two modules in threads call each other by callbacks', async () => {
  const other = inThread<Objects>(file);
  const nested = (): number => there.twice((n) => other.twice((m) => there.echo(m) + n));
  const expected = local.twice((n) => local.twice((m) => m + n));
  expect(nested()).toBe(expected);
  expect(await run(nested)).toBe(expected);
});

it('what does not exist, or makes no sense, is an error that says so', () => {
  expect(thrownBy(() => inThread('no-such-module'))).toMatchObject({ code: 'AEVENT_NO_MODULE' });
  expect(thrownBy(() => inThread(file, { thread: 1 } as object))).toMatchObject({
    code: 'AEVENT_UNKNOWN_OPTION',
  });
  for (const options of [
    { threads: 0 },
    { inlineMs: -1 },
    { threadPerInstance: 1 },
    { resourceLimits: 3 },
    3,
  ]) {
    expect(thrownBy(() => inThread(file, options as object))).toMatchObject({
      code: 'AEVENT_INVALID_OPTIONS',
    });
  }
  expect(thrownBy(() => there.echo(Symbol('own')))).toMatchObject({ code: 'AEVENT_NOT_CLONEABLE' });
});
