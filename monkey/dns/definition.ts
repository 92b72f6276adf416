import { builtin } from '../../runtime/builtins.js';
import type { AnyFunction } from '../../runtime/patch.js';
import { callingBack } from '../calling-back.js';
import { defineModule, type MonkeyModule } from '../define.js';
import { members } from '../members.js';
import { taskClass } from '../task-class.js';
import {
  moduleQueries,
  rememberLocalAddress,
  rememberOptions,
  resolverQueries,
  type SyncLookups,
  type SyncQueries,
} from './queries.js';

type Dns = typeof import('node:dns');
type Promises = typeof import('node:dns/promises');
type Added = SyncQueries & SyncLookups;

const real = builtin<Dns>('dns');
const realPromises = builtin<Promises>('dns/promises');

/** A resolver whose setting-up is known to the queries that wait, and whose callbacks run in tasks. */
function resolverClass<C extends Dns['Resolver'] | Promises['Resolver']>(realClass: C, callbacks: object): C {
  const { setLocalAddress } = realClass.prototype;
  const all = members({
    ...callbacks,
    ...resolverQueries,
    setLocalAddress(this: object, ...args: Parameters<typeof setLocalAddress>): void {
      Reflect.apply(setLocalAddress, this, args);
      rememberLocalAddress(this, args);
    },
  });
  return taskClass(realClass, all, { after: (resolver, [options]) => rememberOptions(resolver, options) });
}

function callbackQueries(holder: object): Record<string, AnyFunction> {
  const found: Record<string, AnyFunction> = {};
  for (const name of Object.getOwnPropertyNames(holder)) {
    const value: unknown = Reflect.get(holder, name);
    if (/^(lookup|resolve|reverse)/.test(name) && typeof value === 'function')
      found[name] = callingBack(value as AnyFunction);
  }
  return found;
}

/** `dns/promises`: queries that wait besides. */
export const promisesDefinition: MonkeyModule<Promises & Added> = defineModule<Promises & Added>(
  'dns/promises',
  { implemented: { Resolver: resolverClass(realPromises.Resolver, {}) }, added: { ...moduleQueries } },
);

/** `dns`: callbacks run in tasks; queries have a form that waits. */
export const definition: MonkeyModule<Dns & Added> = defineModule<Dns & Added>('dns', {
  implemented: {
    ...callbackQueries(real),
    Resolver: resolverClass(real.Resolver, callbackQueries(real.Resolver.prototype)),
    promises: promisesDefinition.exports,
  },
  added: { ...moduleQueries },
});
