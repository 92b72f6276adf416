/**
 * Modules are evaluated when a program asks for them first, by when it may have changed what their top level uses: the iterator of
 * arrays, and Object.prototype, whose new properties (`get`, `value`, …) are in each descriptor and each object of options. For as
 * long as an evaluation takes, these are as they were when aevent was loaded. No imports: see instance.ts.
 * Guarded by test/hostile/hostile.test.ts.
 */

interface Method {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly own: PropertyDescriptor;
}

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { prototype } = Object;

/** How arrays are gone over. */
const iteration: readonly Method[] = [
  methodOf(Array.prototype, Symbol.iterator),
  methodOf(Object.getPrototypeOf([][Symbol.iterator]()) as object, 'next'),
];
/** By name, with no prototype. */
const ofAll = { __proto__: null } as unknown as Record<PropertyKey, true>;
const first = ownKeys(prototype);
for (let i = 0; i < first.length; i++) ofAll[first[i] as string] = true;

function methodOf(owner: object, key: PropertyKey): Method {
  return { owner, key, own: bare(getOwnPropertyDescriptor(owner, key)) as PropertyDescriptor };
}

/** A descriptor that has nothing from Object.prototype, where a program may have put a `get` or a `value`. */
export function bare<D extends PropertyDescriptor | undefined>(descriptor: D): D {
  return descriptor && { __proto__: null, ...descriptor };
}

/** Runs `evaluate` while the language is as it was. */
export function undisturbed<T>(evaluate: () => T): T {
  const putBack = clean();
  if (putBack === undefined) return evaluate();
  try {
    return evaluate();
  } finally {
    putBack();
  }
}

/** @returns what undoes it; undefined where nothing was changed */
function clean(): (() => void) | undefined {
  let undo: (() => void) | undefined;
  const noteUndo = (owner: object, key: PropertyKey, found: PropertyDescriptor | undefined): void => {
    const before = undo;
    undo = () => {
      before?.();
      if (found === undefined) deleteProperty(owner, key);
      else defineProperty(owner, key, found);
    };
  };
  // First: from here on descriptors are plain.
  const keys = ownKeys(prototype);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (ofAll[key] === true) continue;
    const found = bare(getOwnPropertyDescriptor(prototype, key));
    if (deleteProperty(prototype, key)) noteUndo(prototype, key, found);
  }
  for (let i = 0; i < iteration.length; i++) {
    const { owner, key, own } = iteration[i] as Method;
    const found = bare(getOwnPropertyDescriptor(owner, key));
    if (found?.value === own.value) continue;
    if (defineProperty(owner, key, own)) noteUndo(owner, key, found);
  }
  return undo;
}
