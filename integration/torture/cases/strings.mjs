// String and RegExp.
export default [
  {
    name: 'String.prototype.replace and replaceAll with a function',
    run: (stop, id) => [
      `a${id}b${id}`.replace(/\d+/g, (digits) => stop(`<${digits}>`)),
      `a${id}a`.replaceAll('a', (a) => stop(a + a)),
      'x'.replace('x', () => stop(`${id}`)),
      `k=${id}`.replace(/(?<key>k)=(\d)/, (...parts) => stop(parts.at(-1).key + parts[2])),
    ],
    expected: (id) => [`a<${id}>b<${id}>`, `aa${id}aa`, `${id}`, `k${id}`],
  },
  {
    name: 'Symbol.replace, match, matchAll, search and split of one’s own',
    run(stop, id) {
      const own = {
        [Symbol.replace]: (text, by) => stop(text + by),
        [Symbol.match]: (text) => stop(text + id),
        [Symbol.matchAll]: (text) => [stop(text)],
        [Symbol.search]: () => stop(id),
        [Symbol.split]: (text) => stop([text, id]),
        [Symbol.toPrimitive]: () => 'own',
        flags: 'g',
      };
      return ['a'.replace(own, id), 'a'.match(own), 'a'.matchAll(own), 'a'.search(own), 'a'.split(own)];
    },
    expected: (id) => [`a${id}`, `a${id}`, ['a'], id, ['a', id]],
  },
  {
    name: 'RegExp with an exec of its own, below match, replace, split and test',
    run(stop, id) {
      const made = (flags) => {
        const regexp = new RegExp('.', flags);
        let left = 2;
        regexp.exec = () => (stop(left--) > 0 ? Object.assign([`${id}`], { index: 0 }) : null);
        return regexp;
      };
      return ['x'.match(made('g')), 'x'.replace(made('g'), () => stop('y')), made('').test('x')];
    },
    expected: (id) => [[`${id}`, `${id}`], 'y', true],
  },
  {
    name: 'RegExp getters (flags, lastIndex, species) and matchAll',
    run(stop, id) {
      class Mine extends RegExp {
        static get [Symbol.species]() {
          return stop(RegExp);
        }
        get flags() {
          return stop(super.flags);
        }
      }
      const regexp = new Mine('(\\d)', 'g');
      regexp.lastIndex = 0;
      const found = [...`${id}-${id}`.matchAll(regexp)].map((match) => stop(match[1]));
      return [found, `${id},${id}`.split(new Mine(','))];
    },
    expected: (id) => [
      [`${id}`, `${id}`],
      [`${id}`, `${id}`],
    ],
  },
  {
    name: 'RegExp.prototype.exec in a loop, while other tasks match',
    run(stop, id) {
      const regexp = /(\w)(\d)/g;
      const seen = [];
      for (let match = regexp.exec(`a${id}b${id}`); match; match = regexp.exec(`a${id}b${id}`)) {
        seen.push(stop(match[0]));
      }
      return seen;
    },
    expected: (id) => [`a${id}`, `b${id}`],
  },
  {
    name: 'RegExp of an object that is like one',
    run(stop, id) {
      const like = {
        [Symbol.match]: true,
        get source() {
          return stop(`${id}`);
        },
        get flags() {
          return stop('g');
        },
        get constructor() {
          return stop(Object);
        },
      };
      return String(RegExp(like));
    },
    expected: (id) => `/${id}/g`,
  },
  {
    name: 'String.raw, fromCodePoint, padStart and repeat with objects',
    run: (stop, id) => [
      String.raw(
        {
          raw: {
            length: 2,
            get 0() {
              return stop('a');
            },
            get 1() {
              return stop('b');
            },
          },
        },
        stop(id),
      ),
      String.fromCodePoint({ valueOf: () => stop(64 + id) }),
      'x'.padStart({ valueOf: () => stop(3) }, { toString: () => stop('-') }),
      'y'.repeat({ valueOf: () => stop(id) }),
      'abc'.substring({ valueOf: () => stop(1) }),
    ],
    expected: (id) => [`a${id}b`, String.fromCodePoint(64 + id), '--x', 'y'.repeat(id), 'bc'],
  },
];
