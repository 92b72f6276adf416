// Puts a function of aevent's in the place of one that a program can see, for good or for a time.
const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;

/**
 * Puts `value` in the place of a method, which otherwise stays as it is.
 * @returns false where its object is frozen; --frozen-intrinsics makes accessors of what was a value
 */
export function replaceMethod(owner: object, name: PropertyKey, value: unknown): boolean {
  const { enumerable = false } = getOwnPropertyDescriptor(owner, name) ?? {};
  return defineProperty(owner, name, { value, enumerable, writable: true, configurable: true });
}

/**
 * Puts `value` in the place of a method of `owner` or of its prototypes until the function that it gives is called.
 * @returns puts back what was there, and deletes `value` where `owner` itself had nothing of that name
 */
export function replaceMethodForATime(owner: object, name: PropertyKey, value: unknown): () => void {
  const before = getOwnPropertyDescriptor(owner, name);
  replaceMethod(owner, name, value);
  return () => {
    if (before === undefined) deleteProperty(owner, name);
    else defineProperty(owner, name, before);
  };
}
