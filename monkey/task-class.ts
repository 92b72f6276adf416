import { currentContext } from '../runtime/context.js';
import { type AnyFunction, orig, type Patched, replacement, select } from '../runtime/patch.js';
import { adopt, adoptBy } from './adopt.js';
import { asInternal, listening } from './listeners.js';

type AnyClass = AnyFunction | (abstract new (...args: never[]) => unknown);

const hasInstance = Function.prototype[Symbol.hasInstance];

/**
 * Makes the class that stands for `real` in a replaced module. To the eye it is `real`: name, length, statics, callable
 * without `new` if that is; instances of one are instances of the other, and it can be subclassed in every way that
 * `real` can. In `native()` it makes Node's own objects. What Node's constructor registers on the object stays Node's.
 * @param members - what the prototype adds to Node's
 * @param callback - what becomes of a function given to the constructor: a listener, unless told otherwise
 * @param construct - how an object of ours is made: may change the arguments, and sees the object
 */
export function taskClass<C extends AnyClass>(
  real: C,
  members: PropertyDescriptorMap,
  callback: (fn: AnyFunction) => AnyFunction = listening,
  construct: (args: unknown[], make: () => object) => object = (_, make) => make(),
): C & Patched<C> {
  const realClass = real as unknown as AnyFunction & { prototype: object };
  const prototype: object = Object.create(realClass.prototype, members);
  adoptBy(realClass.prototype, prototype);
  const selected = (): AnyFunction => (currentContext()?.mode === 'native' ? realClass : made);

  function made(this: unknown, ...args: unknown[]): unknown {
    for (const [index, arg] of args.entries()) {
      if (typeof arg === 'function') args[index] = callback(arg as AnyFunction);
    }
    if (new.target === undefined) {
      // The older kind of constructor, called as a function or by a subclass of the older kind.
      const result = asInternal(() => Reflect.apply(realClass, this, args as never));
      return selected() === made ? adopt(result) : result;
    }
    const target = new.target === made ? selected() : new.target;
    const make = (): object => asInternal(() => Reflect.construct(realClass, args, target));
    return target === realClass ? make() : construct(args, make);
  }

  const isInstance = {
    value(this: unknown, value: unknown): boolean {
      return this === made ? value instanceof realClass : hasInstance.call(this, value);
    },
    configurable: true,
  };
  const statics: Record<PropertyKey, PropertyDescriptor> = Object.getOwnPropertyDescriptors(realClass);
  const own = statics[Symbol.hasInstance];
  if (own === undefined) {
    // Inherited, for Node's class has no such property of its own.
    const parent = Object.getPrototypeOf(realClass);
    Object.setPrototypeOf(made, Object.create(parent, { [Symbol.hasInstance]: isInstance }));
  } else {
    Object.assign(own, isInstance);
  }
  Object.assign(statics.prototype as PropertyDescriptor, { value: prototype });
  const named = Object.getOwnPropertyDescriptor(realClass.prototype, 'constructor');
  Object.defineProperty(prototype, 'constructor', { ...named, value: made });
  return Object.defineProperties(made, {
    ...statics,
    [orig]: { value: real },
    [replacement]: { value: made },
    [select]: { value: selected },
  }) as unknown as C & Patched<C>;
}
