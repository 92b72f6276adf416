import { describe, expect, it } from 'vitest';
import { createTaskGroup } from '../../../dist/runtime/index.js';
import { pause, together } from '../../support/tools.js';

// Node's types have no WebAssembly.
interface Wasm {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, () => number> };
}
const wasm = Reflect.get(globalThis, 'WebAssembly') as Wasm;

describe('a suspension below a builtin, in several tasks that interleave', () => {
  /** Suspends for a while that differs from task to task, so that they overtake each other. */
  type Stop = <T>(value: T) => T;
  const bytes = new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0], // (module
    ...[1, 5, 1, 96, 0, 1, 127], //       (type (func (result i32)))
    ...[2, 7, 1, 1, 109, 1, 102, 0, 0], // (import "m" "f" (func 0))
    ...[3, 2, 1, 0, 7, 5, 1, 1, 103, 0, 1], // (export "g" (func 1))
    ...[10, 6, 1, 4, 0, 16, 0, 11], //    (func 1 (call 0)))
  ]);

  const cases: [string, (id: number, stop: Stop) => unknown, (id: number) => unknown][] = [
    [
      'Array.prototype.sort',
      (id, stop) => [3, id, 1].sort((a, b) => stop(a - b)),
      (id) => [3, id, 1].sort((a, b) => a - b),
    ],
    [
      'a typed array’s sort',
      (id, stop) => [...new Float64Array([2, id]).sort((a, b) => stop(a - b))],
      (id) => [2, id].sort((a, b) => a - b),
    ],
    [
      'Array.prototype.map, filter and reduce',
      (id, stop) =>
        [1, 2, 3]
          .map((n) => stop(n * id))
          .filter((n) => stop(n > id))
          .reduce((a, b) => stop(a + b), 0),
      (id) => 5 * id,
    ],
    ['Array.from', (id, stop) => Array.from({ length: 2 }, (_, n) => stop(n + id)), (id) => [id, id + 1]],
    [
      'Map.prototype.forEach',
      (id, stop) => {
        const seen: number[] = [];
        new Map([
          [id, 1],
          [id + 1, 2],
        ]).forEach((value, key) => {
          seen.push(stop(key + value));
        });
        return seen;
      },
      (id) => [id + 1, id + 3],
    ],
    [
      'String.prototype.replace',
      (id, stop) => `a${id}b${id}`.replace(/\d+/g, (digits) => stop(`<${digits}>`)),
      (id) => `a<${id}>b<${id}>`,
    ],
    [
      'a RegExp’s own exec',
      (id, stop) => {
        const regexp = /./g;
        let left = 2;
        regexp.exec = () => (stop(left--) > 0 ? (Object.assign([`${id}`], { index: 0 }) as never) : null);
        return 'x'.match(regexp);
      },
      (id) => [`${id}`, `${id}`],
    ],
    [
      'a JSON.parse reviver',
      (id, stop) => JSON.parse(`{"a":{"b":${id}}}`, (key, value) => stop(key === 'b' ? value + 1 : value)),
      (id) => ({ a: { b: id + 1 } }),
    ],
    [
      'a getter and a setter',
      (id, stop) => {
        let kept = 0;
        const holder = {
          get value() {
            return stop(kept);
          },
          set value(value) {
            kept = stop(value);
          },
        };
        holder.value = id;
        holder.value += 1;
        return holder.value;
      },
      (id) => id + 1,
    ],
    [
      'the traps of a Proxy',
      (id, stop) => {
        const proxy = new Proxy(class {}, {
          get: (_, key) => stop(`${String(key)}${id}`),
          has: () => stop(true),
          ownKeys: () => stop(['prototype', `key${id}`]),
          getOwnPropertyDescriptor: (target, key) =>
            stop(
              key === 'prototype'
                ? Reflect.getOwnPropertyDescriptor(target, key)
                : { value: id, enumerable: true, configurable: true },
            ),
          construct: () => stop({ made: id }),
        }) as unknown as { new (): object; word: string };
        return ['x' in proxy, proxy.word, new proxy(), Object.keys(proxy)];
      },
      (id) => [true, `word${id}`, { made: id }, [`key${id}`]],
    ],
    [
      'a generator',
      (id, stop) => {
        function* numbers(): Generator<number, void, unknown> {
          try {
            yield stop(id);
            yield* [stop(id + 1)];
          } finally {
            stop('closing');
          }
        }
        const [first, ...rest] = numbers();
        for (const n of numbers()) if (stop(n) === id) break;
        return [first, ...rest];
      },
      (id) => [id, id + 1],
    ],
    [
      'eval and new Function',
      (id, stop) => [
        // biome-ignore lint/security/noGlobalEval: the subject
        globalThis.eval('(stop, id) => stop(id) + 1')(stop, id),
        new Function('stop', 'id', 'return stop(id) + 2')(stop, id),
        // biome-ignore lint/security/noGlobalEval: the subject
        eval('stop(id) + 3'),
      ],
      (id) => [id + 1, id + 2, id + 3],
    ],
    [
      'class fields, static blocks and constructors',
      (id, stop) => {
        class Base {
          field = stop(id);
          static made = stop('static');
          static {
            stop(0);
          }
          constructor() {
            this.field = stop(this.field + 1);
          }
        }
        class Derived extends Base {
          readonly own = stop(this.field + 1);
        }
        return [new Derived().own, Derived.made];
      },
      (id) => [id + 2, 'static'],
    ],
    [
      'conversions to a primitive',
      (id, stop) => {
        const value = {
          [Symbol.toPrimitive]: (hint: string) => stop(hint === 'number' ? id : `${hint}${id}`),
        };
        return [+(value as never), `${value as never}`, { [value as never]: 1 }];
      },
      (id) => [id, `string${id}`, { [`string${id}`]: 1 }],
    ],
    [
      'instanceof',
      (id, stop) => ({}) instanceof ({ [Symbol.hasInstance]: () => stop(id > 2) } as never),
      (id) => id > 2,
    ],
    [
      'bind, apply and a tagged template',
      (id, stop) => {
        const tag = (parts: TemplateStringsArray, ...values: number[]) =>
          stop(parts.join('|') + values.join());
        return [Reflect.apply(stop, undefined, [id]), stop.bind(undefined, id)(), tag`a${id}b`];
      },
      (id) => [id, id, `a|b${id}`],
    ],
    [
      'a Promise executor',
      (id, stop) => {
        let seen = 0;
        void new Promise<void>((resolve) => {
          seen = stop(id);
          resolve();
        });
        return seen;
      },
      (id) => id,
    ],
    [
      'Error.prepareStackTrace',
      (id, stop) => {
        const error = {} as { stack: unknown };
        const before = Error.prepareStackTrace;
        Error.prepareStackTrace = () => id;
        Error.captureStackTrace(error);
        Error.prepareStackTrace = before;
        return [typeof error.stack, stop(id)];
      },
      (id) => [expect.any(String), id],
    ],
    [
      'structuredClone',
      (id, stop) =>
        structuredClone({
          get value() {
            return stop(id);
          },
        }),
      (id) => ({ value: id }),
    ],
    [
      'a WebAssembly import',
      (id, stop) => {
        const { exports } = new wasm.Instance(new wasm.Module(bytes), {
          m: { f: () => stop(id) },
        });
        return exports.g?.();
      },
      (id) => id,
    ],
    [
      'try, catch and finally',
      (id, stop) => {
        const seen: number[] = [];
        for (let n = 0; n < 2; n++) {
          try {
            stop(n);
            throw id;
          } catch (thrown) {
            seen.push(stop(thrown as number));
            if (n === 0) continue;
          } finally {
            seen.push(stop(n));
          }
        }
        return seen;
      },
      (id) => [id, 0, id, 1],
    ],
    [
      'a deep recursion',
      (id, stop) => {
        const sum = (n: number): number => (n === 0 ? stop(id) : 1 + sum(n - 1));
        return sum(500);
      },
      (id) => id + 500,
    ],
  ];

  it.each(cases)('%s', async (_, body, expected) => {
    const results = await together(6, (id) =>
      body(id, (value) => {
        pause(1 + ((id * 5) % 3));
        return value;
      }),
    );
    expect(results).toEqual(results.map((_, id) => expected(id)));
  });

  it('all of them at once', async () => {
    const tasks = createTaskGroup();
    const results: unknown[] = [];
    for (const [index, [, body]] of cases.entries()) {
      tasks.spawn(() => {
        results[index] = body(4, (value) => {
          pause(1 + (index % 4));
          return value;
        });
      });
    }
    await tasks[Symbol.asyncDispose]();
    expect(results).toEqual(cases.map(([, , expected]) => expected(4)));
  });
});
