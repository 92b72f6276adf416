// Iterator helpers, and iterators that builtins drive.
import { nodeMajor } from '../rig.mjs';

const helpers = typeof Iterator === 'function';

function* counted(stop, count) {
  for (let n = 1; n <= count; n++) yield stop(n);
}

export default [
  {
    name: 'Iterator.prototype.map, filter, take and drop',
    needs: helpers,
    run: (stop, id) =>
      counted(stop, 8)
        .map((n) => stop(n * id))
        .filter((n) => stop(n % 2 === 0 || id % 2 === 1))
        .drop(1)
        .take(2)
        .toArray().length,
    expected: 2,
  },
  {
    name: 'Iterator.prototype.flatMap and reduce',
    needs: helpers,
    run: (stop, id) =>
      counted(stop, 3)
        .flatMap((n) => counted(stop, n))
        .reduce((a, b) => stop(a + b), id),
    expected: (id) => 10 + id,
  },
  {
    name: 'Iterator.prototype.some, every, find and forEach',
    needs: helpers,
    run(stop, id) {
      let sum = 0;
      counted(stop, 3).forEach((n) => {
        sum += stop(n * id);
      });
      return [
        counted(stop, 3).some((n) => stop(n === 2)),
        counted(stop, 3).every((n) => stop(n < 3)),
        counted(stop, 5).find((n) => stop(n === id)),
        sum,
      ];
    },
    expected: (id) => [true, false, id, 6 * id],
  },
  {
    name: 'Iterator.from and a helper that is closed early',
    needs: helpers,
    run(stop, id) {
      const log = [];
      const helper = Iterator.from({
        next: () => stop({ done: false, value: id }),
        return() {
          log.push(stop('closed'));
          return {};
        },
      }).map((n) => stop(n));
      log.push(helper.next().value);
      helper.return();
      return log;
    },
    expected: (id) => [id, 'closed'],
  },
  {
    name: 'Iterator.concat',
    needs: helpers && typeof Iterator.concat === 'function',
    run: (stop, id) => [...Iterator.concat(counted(stop, 2), [id])],
    expected: (id) => [1, 2, id],
  },
  {
    name: 'Iterator.prototype[Symbol.dispose]',
    needs: helpers && nodeMajor >= 24,
    run(stop, id) {
      const log = [];
      Object.setPrototypeOf({ return: () => log.push(stop(id)) }, Iterator.prototype)[Symbol.dispose]();
      return log;
    },
    expected: (id) => [id],
  },
];
