// Map, Set, their weak forms, Atomics and buffers.
import { collect, viaLoop } from '../rig.mjs';

function* pairs(stop, id) {
  yield stop(['a', id]);
  yield stop(['b', id + 1]);
}

export default [
  {
    name: 'Map: constructor, forEach and groupBy',
    run(stop, id) {
      const seen = [];
      const map = new Map(pairs(stop, id));
      map.forEach((value, key) => {
        seen.push(stop(key + value));
        if (seen.length === 1) map.set('c', 0);
      });
      return [seen, Map.groupBy ? [...Map.groupBy([1, 2], (n) => stop(n % 2)).keys()] : [1, 0]];
    },
    expected: (id) => [
      [`a${id}`, `b${id + 1}`, 'c0'],
      [1, 0],
    ],
  },
  {
    name: 'Map that is changed while it is iterated over',
    run(stop, id) {
      const map = new Map([[id, 1]]);
      const seen = [];
      for (const [key] of map) {
        seen.push(stop(key));
        if (seen.length < 40) map.set(key + 1, 1).delete(key);
      }
      return seen.length;
    },
    expected: 40,
  },
  {
    name: 'Set: constructor, forEach and a subclass’s add',
    run(stop, id) {
      class Mine extends Set {
        add(value) {
          return super.add(stop(value));
        }
      }
      const seen = [];
      new Mine([id, 0]).forEach((value) => {
        seen.push(stop(value));
      });
      return seen;
    },
    expected: (id) => [id, 0],
  },
  {
    name: 'Set methods with a set-like argument',
    needs: typeof new Set().union === 'function',
    run(stop, id) {
      const like = {
        get size() {
          return stop(2);
        },
        has: (value) => stop(value === id),
        keys: () => [id, 99].map((n) => stop(n)).values(),
      };
      const set = new Set([id, 50]);
      return [
        [...set.union(like)],
        [...set.intersection(like)],
        [...set.difference(like)],
        [...set.symmetricDifference(like)],
        set.isSubsetOf(like),
        set.isSupersetOf(like),
        set.isDisjointFrom(like),
      ];
    },
    expected: (id) => [[id, 50, 99], [id], [50], [50, 99], false, false, false],
  },
  {
    name: 'Map.prototype.getOrInsertComputed',
    needs: typeof Map.prototype.getOrInsertComputed === 'function',
    run: (stop, id) => new Map().getOrInsertComputed(id, (key) => stop(key + 1)),
    expected: (id) => id + 1,
  },
  {
    name: 'WeakMap, WeakSet and WeakRef',
    run(stop, id) {
      const key = { id };
      const ref = new WeakRef(key);
      const map = new WeakMap(
        (function* () {
          yield stop([key, id]);
        })(),
      );
      stop(0);
      return [map.get(key), ref.deref() === key, new WeakSet([key]).has(stop(key))];
    },
    expected: (id) => [id, true, true],
  },
  {
    name: 'FinalizationRegistry',
    run(stop, id) {
      let registry;
      let again;
      const held = viaLoop((callback) => {
        registry = new FinalizationRegistry(callback);
        (() => registry.register({ id }, id))();
        again = setInterval(() => collect(), 1);
      }, stop);
      clearInterval(again);
      return [held, registry instanceof FinalizationRegistry];
    },
    expected: (id) => [id, true],
  },
  {
    name: 'Atomics.waitAsync',
    async run(stop, id) {
      const cells = new Int32Array(new SharedArrayBuffer(4));
      const { value } = Atomics.waitAsync(cells, 0, 0, 10_000);
      setImmediate(() => Atomics.notify(cells, 0));
      const outcome = await value;
      return stop(`${outcome}${id}`);
    },
    expected: (id) => `ok${id}`,
  },
  {
    name: 'Atomics with an index and a value that are objects',
    run(stop, id) {
      const cells = new Int32Array(2);
      Atomics.add(cells, { valueOf: () => stop(1) }, { valueOf: () => stop(id) });
      return Atomics.load(cells, 1);
    },
    expected: (id) => id,
  },
  {
    name: 'ArrayBuffer.resize and DataView with objects for numbers',
    run(stop, id) {
      const buffer = new ArrayBuffer(4, { maxByteLength: { valueOf: () => stop(16) } });
      buffer.resize({ valueOf: () => stop(8) });
      const view = new DataView(buffer);
      view.setUint8({ valueOf: () => stop(7) }, { valueOf: () => stop(id) });
      return [buffer.byteLength, view.getUint8(7)];
    },
    expected: (id) => [8, id],
  },
  {
    name: 'a getter that shrinks the array below a builtin',
    run(stop, id) {
      const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
      const list = new Uint8Array(buffer);
      list.fill(id);
      const mapped = list.map((n, index) => {
        if (index === 3) buffer.resize(8);
        return stop(n ?? 0);
      });
      return mapped[7];
    },
    expected: (id) => id,
  },
];
