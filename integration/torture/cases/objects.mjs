// Object, Reflect and JSON.
import { nodeMajor } from '../rig.mjs';

// V8 12 would end the process: runtime/hazards/json-stringify.ts.
const stringifyRefused = nodeMajor === 22 ? /JSON\.stringify\(\) cannot be suspended/ : undefined;

const source = (stop, id) => ({
  get a() {
    return stop(id);
  },
  get b() {
    return stop(id + 1);
  },
});

export default [
  {
    name: 'Object.assign, entries, values and fromEntries',
    run: (stop, id) => [
      Object.assign({}, source(stop, id)),
      Object.entries(source(stop, id)),
      Object.values(source(stop, id)),
      Object.fromEntries([1, 2].map((n) => stop([n, id]))),
    ],
    expected: (id) => [
      { a: id, b: id + 1 },
      [
        ['a', id],
        ['b', id + 1],
      ],
      [id, id + 1],
      { 1: id, 2: id },
    ],
  },
  {
    name: 'Object.groupBy',
    needs: typeof Object.groupBy === 'function',
    run: (stop, id) => ({ ...Object.groupBy([1, 2, id], (n) => stop(n % 2 ? 'odd' : 'even')) }),
    expected: (id) => ({ odd: id % 2 ? [1, id] : [1], even: id % 2 ? [2] : [2, id] }),
  },
  {
    name: 'Object.defineProperty and defineProperties with getters in the descriptor',
    run(stop, id) {
      const descriptor = {
        get value() {
          return stop(id);
        },
        get enumerable() {
          return stop(true);
        },
      };
      return Object.create(Object.defineProperty({}, 'x', descriptor), {
        get y() {
          return stop(descriptor);
        },
      }).y;
    },
    expected: (id) => id,
  },
  {
    name: '__defineGetter__, __proto__ and Object.prototype.toString',
    run(stop, id) {
      const object = {};
      object.__defineGetter__('x', () => stop(id));
      object.__defineSetter__('y', (value) => {
        object.kept = stop(value);
      });
      object.y = id;
      const tagged = {
        get [Symbol.toStringTag]() {
          return stop(`T${id}`);
        },
      };
      return [object.x, object.kept, String(tagged)];
    },
    expected: (id) => [id, id, `[object T${id}]`],
  },
  {
    name: 'Reflect: get, set, has, ownKeys and defineProperty with a receiver',
    run(stop, id) {
      const target = {
        get x() {
          return stop(this.id);
        },
        set x(value) {
          this.kept = stop(value);
        },
      };
      const receiver = { id };
      Reflect.set(target, 'x', id + 1, receiver);
      return [
        Reflect.get(target, 'x', receiver),
        receiver.kept,
        Reflect.has(target, { toString: () => stop('x') }),
      ];
    },
    expected: (id) => [id, id + 1, true],
  },
  {
    name: 'JSON.parse with a reviver',
    run: (stop, id) =>
      JSON.parse(`{"a":{"b":${id}},"c":[1,2]}`, (key, value) => stop(key === 'b' ? value + 1 : value)),
    expected: (id) => ({ a: { b: id + 1 }, c: [1, 2] }),
  },
  {
    name: 'JSON.parse of what has a toString',
    run: (stop, id) => JSON.parse({ toString: () => stop(`[${id}]`) }),
    expected: (id) => [id],
  },
  {
    name: 'JSON.stringify: toJSON',
    refused: stringifyRefused,
    run: (stop, id) => JSON.stringify({ a: [{ toJSON: () => stop({ id }) }] }),
    expected: (id) => `{"a":[{"id":${id}}]}`,
  },
  {
    name: 'JSON.stringify: replacer and getters',
    refused: stringifyRefused,
    run: (stop, id) => JSON.stringify(source(stop, id), (_, value) => stop(value), 1),
    expected: (id) => `{\n "a": ${id},\n "b": ${id + 1}\n}`,
  },
  {
    name: 'JSON.stringify: a Proxy, and boxed values',
    refused: stringifyRefused,
    run: (stop, id) => {
      const list = new Proxy([id, 'é\ud800'], { get: (target, key) => stop(target[key]) });
      const boxed = Object.assign(new String('x'), { toString: () => stop(`boxed${id}`) });
      return JSON.stringify({ list, boxed });
    },
    expected: (id) => `{"list":[${id},"é\\ud800"],"boxed":"boxed${id}"}`,
  },
  {
    name: 'JSON.stringify in a vm context',
    refused: stringifyRefused,
    run: (stop, id) => vmStringify({ toJSON: () => stop({ id }) }),
    expected: (id) => `{"id":${id}}`,
  },
];

const { runInNewContext } = await import('node:vm');
const vmStringify = runInNewContext('(value) => JSON.stringify([[value]]).slice(2, -2)');
