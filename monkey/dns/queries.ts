// Queries that wait: those of `dns/promises`, under names that end in Sync.
import type { Resolver as CallbackResolver } from 'node:dns';
import type { Resolver } from 'node:dns/promises';
import { builtin } from '../../runtime/builtins.js';
import { awaitPromise, requirePortal, suspend } from '../../runtime/suspension.js';

type Promises = typeof import('node:dns/promises');

/** The queries of a resolver, by the names they have in Node. */
type QueryName =
  | `resolve${'' | '4' | '6' | 'Any' | 'Caa' | 'Cname' | 'Mx' | 'Naptr' | 'Ns' | 'Ptr' | 'Soa' | 'Srv' | 'Tlsa' | 'Txt'}`
  | 'reverse';

/** Queries that wait for the answer. Never outside of tasks: there is nothing to wait with. */
export type SyncQueries = {
  readonly [K in QueryName as `${K}Sync`]: Resolver[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => R
    : never;
};

/** What `dns` and `dns/promises` have besides. */
export interface SyncLookups {
  /**
   * As `dns.promises.lookup()`; suspends until the system's resolver has answered. Cancelled, it leaves that to itself.
   * @throws Node's error (`ENOTFOUND` …); {@link NoPortalError} where nothing can be suspended
   */
  lookupSync: Unpromised<Promises['lookup']>;
  /** As `dns.promises.lookupService()`; suspends. See {@link SyncLookups.lookupSync}. */
  lookupServiceSync: Unpromised<Promises['lookupService']>;
}

type Unpromised<F> = F extends {
  (...args: infer A): Promise<infer R>;
  (...args: infer B): Promise<infer S>;
  (...args: infer C): Promise<infer T>;
  (...args: infer D): Promise<infer U>;
}
  ? ((...args: A) => R) & ((...args: B) => S) & ((...args: C) => T) & ((...args: D) => U)
  : F extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => R
    : never;

declare module 'node:dns' {
  interface Resolver extends SyncQueries {}
}
declare module 'node:dns/promises' {
  interface Resolver extends SyncQueries {}
}

const promises = builtin<Promises>('dns/promises');

/** How a resolver was made and set up, to make one like it. */
interface Settings {
  readonly options: unknown;
  localAddress?: Parameters<Resolver['setLocalAddress']>;
}

const settings = new WeakMap<object, Settings>();

/** Remembers how a resolver was made. */
export function rememberOptions(resolver: object, options: unknown): void {
  settings.set(resolver, { options });
}

/** Remembers the address from which a resolver asks. */
export function rememberLocalAddress(resolver: object, address: Settings['localAddress']): void {
  const known = settings.get(resolver) ?? { options: undefined };
  settings.set(resolver, { ...known, ...(address && { localAddress: address }) });
}

// A query can be taken back only with all others of its resolver: each gets a resolver of its own, set up alike.
function resolverLike(model: { getServers(): string[] }): Resolver {
  const known = settings.get(model);
  const resolver = new promises.Resolver(known?.options as never);
  resolver.setServers(model.getServers());
  if (known?.localAddress !== undefined) resolver.setLocalAddress(...known.localAddress);
  return resolver;
}

function ask(model: { getServers(): string[] }, name: string, args: unknown[]): unknown {
  const what = `dns.${name}Sync(${String(args[0])})`;
  requirePortal(what);
  return suspend<unknown>(what, (wait) => {
    const resolver = resolverLike(model);
    const query = Reflect.get(resolver, name) as (...args: unknown[]) => Promise<unknown>;
    Reflect.apply(query, resolver, args).then(wait.resolve, wait.reject);
    return () => resolver.cancel();
  });
}

const names = Object.keys(promises).filter((name): name is QueryName => /^re(solve|verse)/.test(name));

function queries(modelOf: (self: unknown) => { getServers(): string[] }): Record<string, unknown> {
  const entries = names.map((name) => {
    const sync = `${name}Sync`;
    const method = function (this: unknown, ...args: unknown[]): unknown {
      return ask(modelOf(this), name, args);
    };
    Object.defineProperty(method, 'name', { value: sync });
    return [sync, method] as const;
  });
  return Object.fromEntries(entries);
}

/** The queries of a resolver, as methods. */
export const resolverQueries: Record<string, unknown> = queries((self) => self as CallbackResolver);

/** The queries of the module, to the servers that `dns.setServers()` set. */
export const moduleQueries: SyncQueries & SyncLookups = {
  ...(queries(() => promises) as SyncQueries),
  lookupSync: ((...args: Parameters<Promises['lookup']>) =>
    waitingFor('lookup', args[0], () => promises.lookup(...args))) as SyncLookups['lookupSync'],
  lookupServiceSync: (address: string, port: number) =>
    waitingFor('lookupService', address, () => promises.lookupService(address, port)),
};

function waitingFor<T>(name: string, subject: string, start: () => Promise<T>): T {
  const what = `dns.${name}Sync(${subject})`;
  requirePortal(what);
  return awaitPromise(start(), what);
}
