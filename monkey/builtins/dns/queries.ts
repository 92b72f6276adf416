// Queries that wait: those of `dns/promises`, under names that end in Sync.
import type {
  AnyRecord,
  CaaRecord,
  Resolver as CallbackResolver,
  LookupAddress,
  LookupAllOptions,
  LookupOneOptions,
  LookupOptions,
  MxRecord,
  NaptrRecord,
  RecordWithTtl,
  ResolveOptions,
  ResolveWithTtlOptions,
  SoaRecord,
  SrvRecord,
} from 'node:dns';
import type { Resolver } from 'node:dns/promises';
import { builtin } from '../../../runtime/base/builtins.js';
import { describe } from '../../../runtime/base/describe.js';
import { whenSettled } from '../../../runtime/base/primordials.js';
import { showWaiter } from '../../../runtime/base/stacks.js';
import { requirePortal } from '../../../runtime/suspension/portal.js';
import { awaitPromise, suspend } from '../../../runtime/suspension/suspension.js';
import { withTicks } from '../../../runtime/suspension/ticks.js';

type Promises = typeof import('node:dns/promises');

/** The queries of a resolver, by the names they have in Node. */
type QueryName =
  | `resolve${'' | '4' | '6' | 'Any' | 'Caa' | 'Cname' | 'Mx' | 'Naptr' | 'Ns' | 'Ptr' | 'Soa' | 'Srv' | 'Tlsa' | 'Txt'}`
  | 'reverse';

/** Queries that wait for the answer. Never outside of tasks: there is nothing to wait with. */
export type SyncQueries = Omit<SingleQueries, 'resolve4Sync' | 'resolve6Sync' | 'resolveSync'> & {
  readonly resolveSync: ResolveSync;
  readonly resolve4Sync: ResolveAddressesSync;
  readonly resolve6Sync: ResolveAddressesSync;
};

type SingleQueries = {
  readonly [K in QueryName & keyof Promises as `${K}Sync`]: Promises[K] extends (
    ...args: infer A
  ) => Promise<infer R>
    ? (...args: A) => R
    : never;
};

// The overloads of @types/node: TypeScript cannot make them of those of the functions that return promises.
/** As `dns.promises.resolve4()`. */
export interface ResolveAddressesSync {
  (hostname: string): string[];
  (hostname: string, options: ResolveWithTtlOptions): RecordWithTtl[];
  (hostname: string, options: ResolveOptions): string[] | RecordWithTtl[];
}

/** As `dns.promises.resolve()`. */
export interface ResolveSync {
  (hostname: string, rrtype?: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR'): string[];
  (hostname: string, rrtype: 'ANY'): AnyRecord[];
  (hostname: string, rrtype: 'CAA'): CaaRecord[];
  (hostname: string, rrtype: 'MX'): MxRecord[];
  (hostname: string, rrtype: 'NAPTR'): NaptrRecord[];
  (hostname: string, rrtype: 'SOA'): SoaRecord;
  (hostname: string, rrtype: 'SRV'): SrvRecord[];
  (hostname: string, rrtype: 'TXT'): string[][];
  (hostname: string, rrtype: string): unknown;
}

/** As `dns.promises.lookup()`. */
export interface LookupSync {
  (hostname: string, family?: number): LookupAddress;
  (hostname: string, options: LookupOneOptions): LookupAddress;
  (hostname: string, options: LookupAllOptions): LookupAddress[];
  (hostname: string, options: LookupOptions): LookupAddress | LookupAddress[];
}

/** The additions to `dns` and `dns/promises`. */
export interface SyncLookups {
  /**
   * As `dns.promises.lookup()`; suspends until the system's resolver has answered. Cancelled, it leaves that to itself.
   * @throws Node's error (`ENOTFOUND` …); {@link NoPortalError} where nothing can be suspended
   */
  lookupSync: LookupSync;
  /** As `dns.promises.lookupService()`; suspends. See {@link SyncLookups.lookupSync}. */
  lookupServiceSync(address: string, port: number): { hostname: string; service: string };
}

declare module 'node:dns' {
  export var resolveSync: SyncQueries['resolveSync'];
  export var resolve4Sync: SyncQueries['resolve4Sync'];
  export var resolve6Sync: SyncQueries['resolve6Sync'];
  export var resolveAnySync: SyncQueries['resolveAnySync'];
  export var resolveCaaSync: SyncQueries['resolveCaaSync'];
  export var resolveCnameSync: SyncQueries['resolveCnameSync'];
  export var resolveMxSync: SyncQueries['resolveMxSync'];
  export var resolveNaptrSync: SyncQueries['resolveNaptrSync'];
  export var resolveNsSync: SyncQueries['resolveNsSync'];
  export var resolvePtrSync: SyncQueries['resolvePtrSync'];
  export var resolveSoaSync: SyncQueries['resolveSoaSync'];
  export var resolveSrvSync: SyncQueries['resolveSrvSync'];
  export var resolveTxtSync: SyncQueries['resolveTxtSync'];
  export var reverseSync: SyncQueries['reverseSync'];
  export var lookupSync: SyncLookups['lookupSync'];
  export var lookupServiceSync: SyncLookups['lookupServiceSync'];
  interface Resolver extends SyncQueries {}
}
// `dns/promises` has them, too: integration/support/augmentations.mjs

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
  const what = `dns.${name}Sync(${describe(args[0])})`;
  requirePortal(what);
  return suspend<unknown>(what, (wait) => {
    const resolver = resolverLike(model);
    const query = Reflect.get(resolver, name) as (...args: unknown[]) => Promise<unknown>;
    whenSettled(Reflect.apply(query, resolver, args), wait.resolve, wait.reject);
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
    waitingFor('lookup', args[0], () =>
      Reflect.apply(promises.lookup, promises, args),
    )) as SyncLookups['lookupSync'],
  lookupServiceSync: (address: string, port: number) =>
    waitingFor('lookupService', address, () => promises.lookupService(address, port)),
};

function waitingFor<T>(name: string, subject: string, start: () => Promise<T>): T {
  const what = `dns.${name}Sync(${subject})`;
  try {
    return withTicks(what, () => awaitPromise(start(), what));
  } catch (error) {
    showWaiter(error);
    throw error;
  }
}
