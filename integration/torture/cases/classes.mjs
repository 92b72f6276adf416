// Classes, functions and what they call on their own.
export default [
  {
    name: 'class fields, static blocks and private members',
    run(stop, id) {
      class Base {
        field = stop(id);
        #secret = stop(id + 1);
        static made = stop('static');
        static #count = 0;
        static {
          Base.#count = stop(7);
        }
        get secret() {
          return stop(this.#secret);
        }
        set secret(value) {
          this.#secret = stop(value);
        }
        [stop('computed')]() {
          return stop(Base.#count);
        }
      }
      const base = new Base();
      base.secret += 1;
      return [base.field, base.secret, Base.made, base.computed()];
    },
    expected: (id) => [id, id + 2, 'static', 7],
  },
  {
    name: 'constructors, derived and super',
    run(stop, id) {
      class Base {
        constructor(value) {
          this.value = stop(value);
          this.target = new.target.name;
        }
        method() {
          return stop(this.value);
        }
      }
      class Derived extends Base {
        own = stop(this.value + 1);
        constructor() {
          stop('before');
          super(stop(id));
          stop('after');
        }
        method() {
          return super.method() + stop(1);
        }
      }
      const derived = new Derived();
      return [derived.own, derived.method(), derived.target];
    },
    expected: (id) => [id + 1, id + 1, 'Derived'],
  },
  {
    name: 'an extends clause, Symbol.species and a subclass of Array',
    run(stop, id) {
      class Mine extends (stop('heritage'), Array) {
        static get [Symbol.species]() {
          return stop(Mine);
        }
        constructor(...args) {
          super(...args);
          stop(0);
        }
      }
      const mapped = Mine.of(id, 2).map((n) => stop(n * 2));
      return [mapped instanceof Mine, mapped.length, mapped[0]];
    },
    expected: (id) => [true, 2, id * 2],
  },
  {
    name: 'Reflect.construct with a newTarget that has a prototype getter',
    run(stop, id) {
      const target = new Proxy(class {}, { get: (object, key) => stop(Reflect.get(object, key)) });
      class Made {
        value = stop(id);
      }
      return Reflect.construct(Made, [], target).value;
    },
    expected: (id) => id,
  },
  {
    name: 'bind, call, apply and Function.prototype[Symbol.hasInstance]',
    run(stop, id) {
      const list = {
        get length() {
          return stop(1);
        },
        get 0() {
          return stop(id);
        },
      };
      return [
        stop.bind(undefined, id)(),
        stop.call(null, id),
        stop.apply(null, list),
        Reflect.apply(stop, null, [id]),
      ];
    },
    expected: (id) => [id, id, id, id],
  },
  {
    name: 'Function.prototype.toString and name of a bound function',
    run(stop, id) {
      const fn = () => {};
      Object.defineProperty(fn, 'name', { get: () => stop(`n${id}`) });
      return fn.bind().name;
    },
    expected: (id) => `bound n${id}`,
  },
  {
    name: 'errors: cause, AggregateError and captureStackTrace',
    run(stop, id) {
      const error = new Error('x', {
        get cause() {
          return stop(id);
        },
      });
      const many = new AggregateError(
        (function* () {
          yield stop(id);
        })(),
        { toString: () => stop('message') },
      );
      return [
        error.cause,
        many.errors,
        many.message,
        String({ __proto__: Error.prototype, name: { toString: () => stop('N') } }),
      ];
    },
    expected: (id) => [id, [id], 'message', 'N'],
  },
];
