/** The result of a wrapped function: a future, which has what ends it. */
interface Resolvable {
  resolver(): (error: unknown, ...values: unknown[]) => void;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Options of {@link wrapInFutures}. */
export interface WrapOptions {
  /** The callback gets several values after the error; the future has them as an array. */
  readonly multi?: boolean | undefined;
  /** Appended to the names of an object's methods; `Future` by default. */
  readonly suffix?: string | undefined;
}

/**
 * Makes a function whose last parameter is a callback return a future instead; of an object, makes one that inherits
 * from it and has such a function for each that it has. What the function returned is the future's `_`.
 */
export function wrapInFutures(create: () => Resolvable, fnOrObject: unknown, options: WrapOptions): unknown {
  if (typeof fnOrObject === 'function') {
    const wrapped = wrapFunction(create, fnOrObject as AnyFunction, options);
    // Functions that have functions, as `request` has `request.get`: reached through the prototype, so that the
    // function's own properties and those wrapped are both there.
    const methods: object = Object.create(fnOrObject);
    addWrapped(create, methods, fnOrObject, options, Object.hasOwn);
    return Object.setPrototypeOf(wrapped, methods);
  }
  if (typeof fnOrObject !== 'object' || fnOrObject === null) return undefined;
  const wrapped: object = Object.create(fnOrObject);
  addWrapped(create, wrapped, fnOrObject, options, () => true);
  return wrapped;
}

function addWrapped(
  create: () => Resolvable,
  to: object,
  from: object,
  options: WrapOptions,
  isWanted: (from: object, key: string) => boolean,
): void {
  for (const key in from) {
    const value: unknown = Reflect.get(from, key);
    if (typeof value !== 'function' || !isWanted(from, key)) continue;
    Reflect.set(to, key + (options.suffix ?? 'Future'), wrapInFutures(create, value, options));
  }
}

function wrapFunction(create: () => Resolvable, fn: AnyFunction, { multi }: WrapOptions): AnyFunction {
  return function (this: unknown, ...args: unknown[]): Resolvable {
    const future = create() as Resolvable & { _: unknown };
    const resolver = future.resolver();
    const callback = multi
      ? (error: unknown, ...values: unknown[]): void => resolver(error, values)
      : resolver;
    future._ = Reflect.apply(fn, this, [...args, callback]);
    return future;
  };
}
