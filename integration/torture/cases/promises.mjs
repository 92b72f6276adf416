// Promise, and what its builtins call.
import { nodeMajor } from '../rig.mjs';

// V8 11.3 captures no context for the job that calls a thenable's then().
const contextLost = nodeMajor < 22 ? /belongs to no task/ : undefined;

export default [
  {
    name: 'Promise executor',
    run(stop, id) {
      let seen;
      new Promise((resolve) => {
        seen = stop(id);
        resolve();
      });
      return seen;
    },
    expected: (id) => id,
  },
  {
    name: 'then, catch and finally handlers',
    run: (stop, id) =>
      Promise.resolve(id)
        .then((n) => stop(n + 1))
        .then((n) => {
          throw stop(n);
        })
        .catch((n) => stop(n * 2))
        .finally(() => stop(0)),
    expected: (id) => (id + 1) * 2,
  },
  {
    name: 'thenables: the getter of then, and then itself',
    refused: contextLost,
    async run(stop, id) {
      const thenable = {
        get then() {
          return stop((resolve) => resolve(stop(id)));
        },
      };
      return [await thenable, await Promise.resolve(thenable)];
    },
    expected: (id) => [id, id],
  },
  {
    name: 'Promise.all, allSettled, any and race over an iterator that suspends',
    async run(stop, id) {
      function* promises() {
        yield stop(Promise.resolve(id));
        yield stop(id + 1);
      }
      const settled = await Promise.allSettled(promises());
      return [
        await Promise.all(promises()),
        settled.length,
        await Promise.any(promises()),
        await Promise.race(promises()),
      ];
    },
    expected: (id) => [[id, id + 1], 2, id, id],
  },
  {
    name: 'a subclass of Promise: resolve, species and constructor',
    refused: contextLost,
    async run(stop, id) {
      class Mine extends Promise {
        static get [Symbol.species]() {
          return stop(Promise);
        }
        static resolve(value) {
          return super.resolve(stop(value));
        }
        constructor(executor) {
          super((...args) => executor(...args));
          stop(0);
        }
        then(...handlers) {
          stop(0);
          return super.then(...handlers);
        }
      }
      return [await Mine.resolve(id), await Mine.all([id, Mine.resolve(1)])];
    },
    expected: (id) => [id, [id, 1]],
  },
  {
    name: 'Promise.try',
    needs: typeof Promise.try === 'function',
    run: (stop, id) => Promise.try((n) => stop(n), id),
    expected: (id) => id,
  },
  {
    name: 'queueMicrotask',
    run: (stop, id) => new Promise((resolve) => queueMicrotask(() => resolve(stop(id)))),
    expected: (id) => id,
  },
  {
    name: 'util.promisify, promisify.custom and callbackify',
    async run(stop, id) {
      const { callbackify, promisify } = process.getBuiltinModule?.('util') ?? (await import('node:util'));
      const fn = (n, done) => done(null, stop(n));
      const own = Object.assign(() => {}, { [promisify.custom]: async () => stop(id) });
      const back = await new Promise((resolve) =>
        callbackify(async () => stop(id))((_, value) => resolve(value)),
      );
      return [await promisify(fn)(id), await promisify(own)(), back];
    },
    expected: (id) => [id, id, id],
  },
];
