// Array and TypedArray.
const three = [3, 1, 2];

const methods = (list, stop, id) => [
  [...list.map((n) => stop(n * id))],
  [...list.filter((n) => stop(n > 1))],
  list.reduce((a, b) => stop(a + b), id),
  list.reduceRight((a, b) => stop(`${a}${b}`), ''),
  list.find((n) => stop(n < 3)),
  list.findIndex((n) => stop(n === 2)),
  list.findLast((n) => stop(n < 3)),
  list.findLastIndex((n) => stop(n === 3)),
  list.some((n) => stop(n === id)),
  list.every((n) => stop(n < 4)),
];
const answers = (id) => [[3 * id, id, 2 * id], [3, 2], 6 + id, '213', 1, 2, 2, 0, id <= 3, true];

export default [
  {
    name: 'Array: map, filter, reduce, find, some and their kin',
    run: (stop, id) => methods(three, stop, id),
    expected: answers,
  },
  {
    name: 'TypedArray: map, filter, reduce, find, some and their kin',
    run: (stop, id) => methods(new Float64Array(three), stop, id),
    expected: answers,
  },
  {
    name: 'Array.prototype.sort',
    run: (stop, id) => [3, id, 1, 2, 9, 7, 8].sort((a, b) => stop(a - b)),
    expected: (id) => [3, id, 1, 2, 9, 7, 8].sort((a, b) => a - b),
  },
  {
    name: 'Array.prototype.sort without a comparator, by toString',
    run: (stop, id) =>
      [3, id, 1]
        .map((n) => ({ n, toString: () => stop(`${n}`) }))
        .sort()
        .map(({ n }) => n),
    expected: (id) => [3, id, 1].sort(),
  },
  {
    name: 'Array.prototype.sort of an array that its comparator changes',
    run(stop, id) {
      const list = [5, 4, 3, 2, 1];
      list.sort((a, b) => {
        list.push(id);
        list.length = 5;
        return stop(a - b);
      });
      return list.length >= 5;
    },
    expected: true,
  },
  {
    name: 'TypedArray.prototype.sort and toSorted',
    run: (stop, id) => [
      [...new Float64Array([2, id, 0]).sort((a, b) => stop(b - a))],
      [...new Int8Array([2, id, 0]).toSorted((a, b) => stop(a - b))],
    ],
    expected: (id) => [[2, id, 0].sort((a, b) => b - a), [2, id, 0].sort((a, b) => a - b)],
  },
  {
    name: 'Array.prototype.toSorted, with, flatMap and forEach',
    run(stop, id) {
      const seen = [];
      three.forEach((n) => {
        seen.push(stop(n));
      });
      return [
        three.toSorted((a, b) => stop(a - b)),
        three.with({ valueOf: () => stop(0) }, id),
        three.flatMap((n) => stop([n, id])).length,
        seen,
      ];
    },
    expected: (id) => [[1, 2, 3], [id, 1, 2], 6, three],
  },
  {
    name: 'Array.from: iterable, array-like and mapper',
    run(stop, id) {
      const iterable = {
        *[Symbol.iterator]() {
          yield stop(id);
        },
      };
      const like = {
        get length() {
          return stop(1);
        },
        get 0() {
          return stop(id);
        },
      };
      return [
        Array.from(iterable, (n) => stop(n + 1)),
        Array.from(like),
        [...Uint8Array.from(like, (n) => stop(n * 2))],
      ];
    },
    expected: (id) => [[id + 1], [id], [id * 2]],
  },
  {
    name: 'Array.fromAsync',
    needs: typeof Array.fromAsync === 'function',
    run: (stop, id) =>
      Array.fromAsync(
        (async function* () {
          yield stop(id);
          yield stop(id + 1);
        })(),
        (n) => stop(n * 2),
      ),
    expected: (id) => [id * 2, id * 2 + 2],
  },
  {
    name: 'Array.prototype.concat and Symbol.isConcatSpreadable',
    run(stop, id) {
      const like = {
        get [Symbol.isConcatSpreadable]() {
          return stop(true);
        },
        length: 1,
        get 0() {
          return stop(id);
        },
      };
      return [0].concat(like, 2);
    },
    expected: (id) => [0, id, 2],
  },
  {
    name: 'Array.prototype.join, toString and toLocaleString',
    run(stop, id) {
      const item = { toString: () => stop(`s${id}`), toLocaleString: () => stop(`l${id}`) };
      return [[item, 1, null, undefined].join('-'), String([item, item]), [item].toLocaleString()];
    },
    expected: (id) => [`s${id}-1--`, `s${id},s${id}`, `l${id}`],
  },
  {
    name: 'joins of nested arrays, of several tasks at once',
    run(stop, id) {
      let nested = { toString: () => stop(`${id}`) };
      for (let depth = 0; depth < 6; depth++) nested = [depth, nested];
      return [`${nested}`, nested.join('/')];
    },
    expected: (id) => [`5,4,3,2,1,0,${id}`, `5/4,3,2,1,0,${id}`],
  },
  {
    name: 'a join of an array that contains itself, and of one that all tasks share',
    run(stop, id) {
      const loop = [id, { toString: () => stop('x') }];
      loop.push(loop);
      return [loop.join(), shared(stop).join()];
    },
    expected: (id) => [`${id},x,`, '1,2'],
  },
  {
    name: 'TypedArray.prototype.join with a separator that is an object, and set from an array-like',
    run(stop, id) {
      const bytes = new Uint8Array(3);
      bytes.set(
        {
          length: 1,
          get 0() {
            return stop(id);
          },
        },
        1,
      );
      bytes.fill({ valueOf: () => stop(9) }, 2);
      return [bytes.join({ toString: () => stop('+') }), bytes.at({ valueOf: () => stop(1) })];
    },
    expected: (id) => [`0+${id}+9`, id],
  },
  {
    name: 'Array.prototype.splice, slice and copyWithin on a Proxy',
    run(stop, id) {
      const list = new Proxy([1, 2, 3, id], { get: (target, key) => stop(target[key]) });
      const removed = list.splice(1, 1);
      return [removed, list.slice(1), [...list.copyWithin(0, 1)]];
    },
    expected: (id) => [[2], [3, id], [3, id, id]],
  },
  {
    name: 'Array.prototype.indexOf, includes and at on an object with getters',
    run(stop, id) {
      const like = {
        length: 2,
        get 0() {
          return stop(id);
        },
        get 1() {
          return stop(7);
        },
      };
      const proto = Array.prototype;
      return [
        proto.indexOf.call(like, 7),
        proto.includes.call(like, id),
        proto.at.call(like, -1),
        proto.lastIndexOf.call(like, id),
      ];
    },
    expected: [1, true, 7, 0],
  },
  {
    name: 'Array.prototype.push, pop, shift, unshift and reverse on setters',
    run(stop, id) {
      const list = new Proxy([1, 2], {
        set: (target, key, value) => stop(Reflect.set(target, key, value)),
        deleteProperty: (target, key) => stop(Reflect.deleteProperty(target, key)),
      });
      list.push(id);
      list.unshift(0);
      list.reverse();
      return [list.pop(), list.shift(), [...list]];
    },
    expected: (id) => [0, id, [2, 1]],
  },
  {
    name: 'Array.of, Array and %TypedArray% subclass constructors',
    run(stop, id) {
      class Bytes extends Uint8Array {
        constructor(...args) {
          super(...args);
          stop(0);
        }
      }
      return [[...Bytes.of(id, 2)], [...Bytes.from([id])], new Bytes([id]).subarray(0, 1)[0]];
    },
    expected: (id) => [[id, 2], [id], id],
  },
];

let list;
/** One array for all tasks, whose elements suspend when they are converted. */
function shared(stop) {
  list ??= [{ toString: () => stop('1') }, { toString: () => stop('2') }];
  return list;
}
