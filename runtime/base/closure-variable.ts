/**
 * Reads a variable of a closure, by an inspector session in this very thread: the only way, on every version, to
 * what Node keeps to itself. Costs half a millisecond; the first time some more, since Node loads its inspector.
 */
import { builtin } from './builtins.js';

const process = builtin<typeof import('node:process')>('process');

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string };
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Gives the object that the variable `name` holds in a closure of `fn`; undefined if there is none.
 * @throws what the inspector reports; e.g. where Node was built without it
 */
export function objectInClosure(fn: (...args: never[]) => unknown, name: string): unknown {
  return objectsInClosure(fn, [name])[0];
}

/**
 * Gives a function of Node's that one of `users`, of which a program may have replaced some, has in its closure.
 * @throws if none has it, and as {@link objectInClosure}
 */
export function functionInClosure<F extends (...args: never[]) => unknown>(
  name: string,
  users: readonly ((...args: never[]) => unknown)[],
): F {
  for (const user of users) {
    const value = objectInClosure(user, name);
    if (typeof value === 'function') return value as F;
  }
  throw new Error(`no closure holds ${name}()`);
}

/** As {@link objectInClosure}, for several variables. */
export function objectsInClosure(fn: (...args: never[]) => unknown, names: readonly string[]): unknown[] {
  const scopes = scopesAround(fn);
  return names.map((name) => scopes.find((variables) => Object.hasOwn(variables, name))?.[name]);
}

/** The names of the variables in the innermost scope around `fn`. @throws as {@link objectInClosure} */
export function namesInClosure(fn: (...args: never[]) => unknown): string[] {
  const innermost = scopesAround(fn)[0];
  return innermost === undefined ? [] : Object.getOwnPropertyNames(innermost);
}

/**
 * The variables of each scope around `fn`, from the innermost to the one below the globals. The inspector makes an array of them,
 * for `[[Scopes]]`; it is handed over as it is. To ask the inspector for the variables takes longer: it describes each,
 * functions by their whole source.
 */
function scopesAround(fn: (...args: never[]) => unknown): Variables[] {
  const { Session } = builtin<typeof import('node:inspector')>('inspector');
  const key = `aevent.closure.${process.hrtime.bigint()}`;
  const handover = globalThis as Record<string, unknown>;
  const session = new Session();
  session.connect();
  // In the same thread the answer comes before post() returns.
  const post = (method: string, params: object): unknown => {
    let answer: unknown;
    session.post(method, params, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  };
  handover[key] = fn;
  try {
    const expression = `globalThis[${JSON.stringify(key)}]`;
    const { result } = post('Runtime.evaluate', { expression }) as { result: { objectId: string } };
    const about = post('Runtime.getProperties', { objectId: result.objectId, ownProperties: true });
    const { internalProperties = [] } = about as { internalProperties?: readonly Property[] };
    const { objectId } = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value ?? {};
    if (objectId === undefined) return [];
    delete handover[key];
    post('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: `function () { ${expression} = this; }`,
    });
    // An array without a prototype. The last scope is the global object.
    const scopes = Object.values(handover[key] as Record<string, { readonly object: Variables }>);
    return scopes.slice(0, -1).map(({ object }) => object);
  } finally {
    delete handover[key];
    session.disconnect();
  }
}
