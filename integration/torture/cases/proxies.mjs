// Every trap of a Proxy.
const trap = (name, run, expected) => ({ name: `Proxy trap: ${name}`, run, expected });

/** A proxy of `target` whose one trap does what comes naturally, after a suspension. */
const through = (name, stop, target) =>
  new Proxy(target, { [name]: (...args) => stop(Reflect[name](...args)) });

export default [
  trap(
    'get',
    (stop, id) => through('get', stop, { id }).id,
    (id) => id,
  ),
  trap(
    'set',
    (stop, id) => {
      const target = {};
      through('set', stop, target).id = id;
      return target.id;
    },
    (id) => id,
  ),
  trap(
    'has',
    (stop, id) => [1, 2, 3].filter((n) => n in through('has', stop, { [id]: 0 })).length,
    (id) => Number(id < 4),
  ),
  trap('deleteProperty', (stop, id) => delete through('deleteProperty', stop, { id }).id, true),
  trap(
    'ownKeys',
    (stop, id) => Object.keys(through('ownKeys', stop, { [`k${id}`]: 1 })),
    (id) => [`k${id}`],
  ),
  trap(
    'getOwnPropertyDescriptor',
    (stop, id) => [
      Object.hasOwn(through('getOwnPropertyDescriptor', stop, { id }), 'id'),
      { ...through('getOwnPropertyDescriptor', stop, { id }) },
    ],
    (id) => [true, { id }],
  ),
  trap(
    'defineProperty',
    (stop, id) =>
      Object.defineProperty(through('defineProperty', stop, {}), 'x', { value: id, enumerable: true }).x,
    (id) => id,
  ),
  trap('getPrototypeOf', (stop) => through('getPrototypeOf', stop, []) instanceof Array, true),
  trap(
    'setPrototypeOf',
    (stop, id) => Object.setPrototypeOf(through('setPrototypeOf', stop, {}), { id }).id,
    (id) => id,
  ),
  trap('isExtensible', (stop) => Object.isFrozen(through('isExtensible', stop, { a: 1 })), false),
  trap(
    'preventExtensions',
    (stop) => Object.isExtensible(Object.preventExtensions(through('preventExtensions', stop, {}))),
    false,
  ),
  trap(
    'apply',
    (stop, id) => through('apply', stop, (a, b) => a + b)(id, 1),
    (id) => id + 1,
  ),
  trap(
    'construct',
    (stop, id) => {
      class Made {
        value = stop(id);
      }
      return new (through('construct', stop, Made))().value;
    },
    (id) => id,
  ),
  trap(
    'all of them, by a handler that is a Proxy itself',
    (stop, id) => {
      const handler = new Proxy(
        {},
        {
          get:
            (_, name) =>
            (...args) =>
              stop(Reflect[name](...args)),
        },
      );
      const proxy = new Proxy({ id }, handler);
      proxy.x = 1;
      return ['id' in proxy, { ...proxy }, Object.isFrozen(Object.freeze(proxy)), proxy.id];
    },
    (id) => [true, { id, x: 1 }, true, id],
  ),
];
