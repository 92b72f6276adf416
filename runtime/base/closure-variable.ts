/**
 * Reads a variable of a closure, by an inspector session in this very thread: the only way, on every version, to
 * what Node keeps to itself. Costs a few milliseconds.
 */
import { builtin } from './builtins.js';

const process = builtin<typeof import('node:process')>('process');

type Session = import('node:inspector').Session;

interface RemoteProperty {
  readonly name: string;
  readonly value?: { readonly objectId?: string };
}

interface Properties {
  readonly result: readonly RemoteProperty[];
  readonly internalProperties?: readonly RemoteProperty[];
}

/**
 * Gives the object that the variable `name` holds in a closure of `fn`; undefined if there is none.
 * @throws what the inspector reports; e.g. where Node was built without it
 */
export function objectInClosure(fn: (...args: never[]) => unknown, name: string): unknown {
  return objectsInClosure(fn, [name])[0];
}

/** As {@link objectInClosure}, for several variables. */
export function objectsInClosure(fn: (...args: never[]) => unknown, names: readonly string[]): unknown[] {
  const { Session } = builtin<typeof import('node:inspector')>('inspector');
  const key = `aevent.closure.${process.hrtime.bigint()}`;
  const handover = globalThis as Record<string, unknown>;
  const session = new Session();
  session.connect();
  handover[key] = fn;
  try {
    const expression = `globalThis[${JSON.stringify(key)}]`;
    const { result } = post<{ result: { objectId: string } }>(session, 'Runtime.evaluate', { expression });
    const scopes = properties(session, result.objectId).internalProperties?.find(isNamed('[[Scopes]]'));
    const variables = properties(session, scopes?.value?.objectId)
      // The last one is the global object, with hundreds of properties.
      .result.slice(0, -1)
      .flatMap((scope) => properties(session, scope.value?.objectId).result);
    const functionDeclaration = `function () { ${expression} = this; }`;
    return names.map((name) => {
      delete handover[key];
      const { objectId } = variables.find(isNamed(name))?.value ?? {};
      if (objectId !== undefined) post(session, 'Runtime.callFunctionOn', { objectId, functionDeclaration });
      return handover[key];
    });
  } finally {
    delete handover[key];
    session.disconnect();
  }
}

/** The names of the variables in the innermost scope around `fn`. @throws as {@link objectInClosure} */
export function namesInClosure(fn: (...args: never[]) => unknown): string[] {
  const { Session } = builtin<typeof import('node:inspector')>('inspector');
  const key = `aevent.closure.${process.hrtime.bigint()}`;
  const session = new Session();
  session.connect();
  (globalThis as Record<string, unknown>)[key] = fn;
  try {
    const expression = `globalThis[${JSON.stringify(key)}]`;
    const { result } = post<{ result: { objectId: string } }>(session, 'Runtime.evaluate', { expression });
    const scopes = properties(session, result.objectId).internalProperties?.find(isNamed('[[Scopes]]'));
    const [innermost, ...others] = properties(session, scopes?.value?.objectId).result;
    if (innermost === undefined || others.length === 0) return [];
    return properties(session, innermost.value?.objectId).result.map(({ name }) => name);
  } finally {
    delete (globalThis as Record<string, unknown>)[key];
    session.disconnect();
  }
}

function isNamed(name: string): (property: RemoteProperty) => boolean {
  return (property) => property.name === name;
}

function properties(session: Session, objectId: string | undefined): Properties {
  if (objectId === undefined) return { result: [] };
  return post<Properties>(session, 'Runtime.getProperties', { objectId, ownProperties: true });
}

// In the same thread the answer comes before post() returns.
function post<T>(session: Session, method: string, params: object): T {
  let answer: unknown;
  session.post(method, params, (error, result) => {
    if (error !== null) throw error;
    answer = result;
  });
  return answer as T;
}
