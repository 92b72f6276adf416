/**
 * Puts the stack of the caller that gets an error above the one that the error brought along, each time that it is thrown to
 * a caller: `error.stack` shows both, `error.futureStack` is the original one.
 * @param asker - the function that is left out of the stack, with all that it called
 */
export function linkStacks(error: unknown, asker: (...args: never[]) => unknown): void {
  if (typeof error !== 'object' || error === null || !Object.isExtensible(error)) return;
  const local: { stack?: string } = {};
  Error.captureStackTrace(local, asker);
  let original = Object.getOwnPropertyDescriptor(error, 'futureStack');
  if (original === undefined) {
    original = Object.getOwnPropertyDescriptor(error, 'stack');
    if (original?.configurable !== true) return;
    Object.defineProperty(error, 'futureStack', { ...original, enumerable: false });
  }
  const below = (): unknown => (original?.get === undefined ? original?.value : original.get.call(error));
  Object.defineProperty(error, 'stack', {
    get(): unknown {
      const stack = below();
      if (typeof stack !== 'string' || stack === '') return local.stack;
      const [title, ...frames] = stack.split('\n');
      const asking = (local.stack ?? '').split('\n').slice(1);
      return [title, ...asking, '    - - - - -', ...frames].join('\n');
    },
    set(stack: unknown) {
      Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
    },
    configurable: true,
    enumerable: false,
  });
}
