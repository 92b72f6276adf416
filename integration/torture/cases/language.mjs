// Syntax that calls JavaScript.
import { nodeMajor } from '../rig.mjs';

export default [
  {
    name: 'getter and setter',
    run(stop, id) {
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
      holder.value++;
      return holder.value;
    },
    expected: (id) => id + 2,
  },
  {
    name: 'destructuring and default values',
    run(stop, id) {
      const source = {
        get a() {
          return stop(undefined);
        },
        *[Symbol.iterator]() {
          yield stop(id);
          yield stop(undefined);
          yield stop(3);
        },
      };
      const { a = stop(id), ...rest } = source;
      const [first, second = stop('none'), ...others] = source;
      return [a, Object.keys(rest), first, second, others];
    },
    expected: (id) => [id, [], id, 'none', [3]],
  },
  {
    name: 'spread of an iterable and of an object with getters',
    run(stop, id) {
      const iterable = {
        *[Symbol.iterator]() {
          yield stop(id);
          yield stop(id + 1);
        },
      };
      const object = {
        get key() {
          return stop(id);
        },
      };
      return [[...iterable], Math.max(...iterable), { ...object }, new Date(...iterable).getMonth() >= 0];
    },
    expected: (id) => [[id, id + 1], id + 1, { key: id }, true],
  },
  {
    name: 'for-of: next and return of the iterator',
    run(stop, id) {
      const log = [];
      const iterable = {
        [Symbol.iterator]: () => ({
          next: () => stop({ done: false, value: id }),
          return() {
            log.push(stop('return'));
            return {};
          },
        }),
      };
      for (const value of iterable) {
        log.push(value);
        break;
      }
      try {
        for (const _ of iterable) throw stop(id);
      } catch (thrown) {
        log.push(thrown);
      }
      return log;
    },
    expected: (id) => [id, 'return', 'return', id],
  },
  {
    name: 'for-in over a Proxy, labels and continue',
    run(stop, id) {
      const seen = [];
      const source = new Proxy({ a: 1, b: 2, c: 3 }, { ownKeys: (target) => stop(Reflect.ownKeys(target)) });
      outer: for (const key in source) {
        for (const other in source) {
          if (stop(other) === 'b') continue outer;
          seen.push(key + other + id);
        }
      }
      return seen;
    },
    expected: (id) => [`aa${id}`, `ba${id}`, `ca${id}`],
  },
  {
    name: 'switch',
    run(stop, id) {
      switch (stop(id)) {
        case stop(0):
          return 'no';
        case stop(id):
          return stop('yes');
        default:
          return 'no';
      }
    },
    expected: 'yes',
  },
  {
    name: 'try, catch and finally',
    run(stop, id) {
      const seen = [];
      for (let n = 0; n < 2; n++) {
        try {
          stop(n);
          throw id;
        } catch (thrown) {
          seen.push(stop(thrown));
          if (n === 0) continue;
        } finally {
          seen.push(stop(n));
        }
      }
      return seen;
    },
    expected: (id) => [id, 0, id, 1],
  },
  {
    name: 'Symbol.toPrimitive, valueOf and toString',
    run(stop, id) {
      const value = { [Symbol.toPrimitive]: (hint) => stop(hint === 'number' ? id : `${hint}${id}`) };
      const old = { valueOf: () => stop(id), toString: () => stop(`s${id}`) };
      return [+value, `${value}`, value + '', { [value]: 1 }, old * 2, `${old}`, old < 3, old == id];
    },
    expected: (id) => [
      id,
      `string${id}`,
      `default${id}`,
      { [`string${id}`]: 1 },
      id * 2,
      `s${id}`,
      id < 3,
      true,
    ],
  },
  {
    name: 'Symbol.hasInstance, in and delete',
    run(stop, id) {
      const traps = { has: () => stop(true), deleteProperty: () => stop(true) };
      const proxy = new Proxy({}, traps);
      return [{} instanceof { [Symbol.hasInstance]: () => stop(id > 2) }, 'x' in proxy, delete proxy.x];
    },
    expected: (id) => [id > 2, true, true],
  },
  {
    name: 'tagged template',
    run: (stop, id) =>
      ((parts, ...values) => stop(parts.raw.join('|') + values.join()))`a${stop(id)}b${stop(1)}c`,
    expected: (id) => `a|b|c${id},1`,
  },
  {
    name: 'with and Symbol.unscopables',
    run: (stop, id) =>
      new Function('scope', 'stop', 'with (scope) { return stop(inner) + other; }')(
        {
          get inner() {
            return stop(id);
          },
          other: 1,
          get [Symbol.unscopables]() {
            return stop({});
          },
        },
        stop,
      ),
    expected: (id) => id + 1,
  },
  {
    name: 'optional chaining, nullish and logical assignment',
    run(stop, id) {
      const object = {
        get none() {
          return stop(null);
        },
        get method() {
          return stop(() => stop(id));
        },
        set none(value) {
          this.kept = stop(value);
        },
      };
      object.none ??= id;
      return [object.none?.x, object.method?.(), object.kept];
    },
    expected: (id) => [undefined, id, id],
  },
  {
    name: 'arguments object and default parameters',
    run(stop, id) {
      function sum(a, b = stop(id), c = stop(a + b)) {
        arguments[0] = stop(0);
        return a + b + c + arguments.length;
      }
      return sum(id);
    },
    expected: (id) => id * 4 + 1,
  },
  {
    name: 'generator: next, throw and return',
    run(stop, id) {
      const log = [];
      function* numbers() {
        try {
          log.push(yield stop(id));
          yield stop(id + 1);
        } catch (error) {
          log.push(stop(error));
          yield stop('caught');
        } finally {
          log.push(stop('closing'));
        }
      }
      const one = numbers();
      log.push(
        one.next().value,
        one.next('sent').value,
        one.throw('thrown').value,
        one.return(stop(id)).value,
      );
      return log;
    },
    expected: (id) => ['sent', 'thrown', 'closing', id, id + 1, 'caught', id],
  },
  {
    name: 'yield* to an iterator of one’s own',
    run(stop, id) {
      function* all() {
        yield* {
          [Symbol.iterator]: () => {
            let left = 2;
            return stop({ next: () => stop({ done: left === 0, value: left-- * id }) });
          },
        };
      }
      return [...all()];
    },
    expected: (id) => [2 * id, id],
  },
  {
    name: 'async function, before and after await',
    async run(stop, id) {
      const before = stop(id);
      await null;
      const after = stop(id + 1);
      await new Promise(setImmediate);
      return [before, after, stop(id + 2)];
    },
    expected: (id) => [id, id + 1, id + 2],
  },
  {
    name: 'async generator and for await',
    async run(stop, id) {
      const log = [];
      async function* numbers() {
        try {
          yield stop(id);
          await null;
          yield stop(Promise.resolve(id + 1));
        } finally {
          log.push(stop('closing'));
        }
      }
      for await (const n of numbers()) {
        log.push(stop(n));
        if (log.length === 2) break;
      }
      return log;
    },
    expected: (id) => [id, id + 1, 'closing'],
  },
  {
    name: 'Symbol.asyncIterator of one’s own',
    async run(stop, id) {
      const seen = [];
      let left = 2;
      const source = {
        [Symbol.asyncIterator]: () =>
          stop({
            next: () => stop({ done: left === 0, value: left-- }),
            get return() {
              return stop(undefined);
            },
          }),
      };
      for await (const n of source) seen.push(n * id);
      return seen;
    },
    expected: (id) => [2 * id, id],
  },
  {
    name: 'Symbol.dispose and Symbol.asyncDispose, called by hand',
    async run(stop, id) {
      const resource = {
        [Symbol.dispose]: () => stop(id),
        [Symbol.asyncDispose]: async () => stop(id + 1),
      };
      return [resource[Symbol.dispose](), await resource[Symbol.asyncDispose]()];
    },
    expected: (id) => [id, id + 1],
  },
  {
    name: 'using and await using',
    needs: nodeMajor >= 24,
    run: (stop, id) =>
      new Function(
        'stop',
        'id',
        `return (async () => {
          const log = [];
          {
            using first = { [Symbol.dispose]: () => log.push(stop(id)) };
            await using second = { [Symbol.asyncDispose]: async () => log.push(stop(id + 1)) };
            log.push(stop('body'));
          }
          return log;
        })()`,
      )(stop, id),
    expected: (id) => ['body', id + 1, id],
  },
  {
    name: 'DisposableStack and SuppressedError',
    needs: nodeMajor >= 24,
    run(stop, id) {
      const stack = new DisposableStack();
      stack.defer(() => {
        throw stop(id);
      });
      stack.adopt('x', () => {
        throw stop('adopted');
      });
      try {
        stack.dispose();
        return 'nothing thrown';
      } catch (error) {
        return [error.error, error.suppressed];
      }
    },
    expected: (id) => [id, 'adopted'],
  },
  {
    name: 'deep recursion',
    run(stop, id) {
      const sum = (n) => (n === 0 ? stop(id) : 1 + sum(n - 1));
      return sum(500);
    },
    expected: (id) => id + 500,
  },
  {
    name: 'a stack that overflows, and goes on',
    run(stop, id) {
      const deeper = (n) => {
        try {
          return deeper(n + 1);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          return n;
        }
      };
      const deep = deeper(0) > 100;
      return [stop(id), deep];
    },
    expected: (id) => [id, true],
  },
];
