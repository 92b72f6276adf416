// `Local`: properties that each task has for itself, as Python's `threading.local`.
import { currentOwner, type Owner } from './owner.js';

/** True while the constructor runs that gives a task its own properties. */
let making = false;

/**
 * An object whose properties each task has for itself, and each call of a callback that may suspend:
 * `const local = new Local(); local.user = …`. A subclass's constructor runs again in each that touches the object, with
 * the arguments that it passed to `super()`, and so gives the fields their first values. Private `#fields` are one for
 * all of them.
 * @see CPython `threading.local`
 */
export class Local {
  [name: string | symbol]: unknown;

  /** @param args - what a subclass's constructor passes on; it gets them again in each task. */
  constructor(...args: unknown[]) {
    if (making) {
      making = false;
      return;
    }
    const target = new.target;
    const make = (): object => {
      making = true;
      try {
        return Reflect.construct(target, args) as object;
      } finally {
        making = false;
      }
    };
    // biome-ignore lint/correctness/noConstructorReturn: what the program has in hand is the proxy
    return new Proxy(Object.create(target.prototype), ofCurrentTask(this, make));
  }
}

// Forwards everything to the object of whichever task it is that asks.
function ofCurrentTask(first: object, make: () => object): ProxyHandler<Local> {
  const objects = new WeakMap<Owner, object>([[currentOwner(), first]]);
  const own = (): object => {
    const owner = currentOwner();
    let object = objects.get(owner);
    if (object === undefined) {
      object = make();
      objects.set(owner, object);
    }
    return object;
  };
  return {
    get: (_, key, receiver) => Reflect.get(own(), key, receiver),
    set: (_, key, value) => Reflect.set(own(), key, value),
    has: (_, key) => Reflect.has(own(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(own(), key),
    // A proxy cannot promise that a property stays.
    defineProperty: (_, key, descriptor) =>
      descriptor.configurable !== false &&
      Reflect.defineProperty(own(), key, { configurable: true, ...descriptor }),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(own(), key),
    ownKeys: () => Reflect.ownKeys(own()),
    preventExtensions: () => false,
  };
}
