// The replaced `dns` and `dns/promises`.
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { each } from '../../../runtime/base/primordials.js';
import { inTaskAfterPiece } from '../../../runtime/suspension/in-task.js';
import { callingBack } from '../../kit/callback-in-task.js';
import { defineModule, type MonkeyModule, standFor } from '../../kit/define-module.js';
import { members } from '../../kit/prototype-members.js';
import { taskClass } from '../../kit/replace-class.js';
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
      found[name] = callingBack(value as AnyFunction, inTaskAfterPiece);
  }
  return found;
}

/**
 * Node binds the queries of both modules to another resolver when the servers are set, which puts other functions into
 * them; ours get those, too.
 */
function settingServers<F extends AnyFunction>(original: F): F {
  return disguise(original, (self, args) => {
    const before = { ...real };
    const promisesBefore = { ...realPromises };
    Reflect.apply(original, self, args as never);
    follow(real, before, definition.exports, (query) => {
      const ours = callingBack(query, inTaskAfterPiece);
      standFor(ours, query);
      return ours;
    });
    follow(realPromises, promisesBefore, promisesDefinition.exports, (query) => query);
  });
}

function follow(
  now: object,
  before: object,
  exports: object,
  replace: (query: AnyFunction) => AnyFunction,
): void {
  for (const name of each(Object.keys(now))) {
    const value: unknown = Reflect.get(now, name);
    if (value !== Reflect.get(before, name)) {
      Reflect.set(exports, name, name === 'getServers' ? value : replace(value as AnyFunction));
    }
  }
}

/** `dns/promises`: queries that wait besides. */
export const promisesDefinition: MonkeyModule<Promises & Added> = defineModule<Promises & Added>(
  'dns/promises',
  {
    implemented: {
      Resolver: resolverClass(realPromises.Resolver, {}),
      setServers: settingServers(realPromises.setServers),
    },
    added: { ...moduleQueries },
  },
);

/** `dns`: callbacks run in tasks; queries have a form that waits. */
export const definition: MonkeyModule<Dns & Added> = defineModule<Dns & Added>('dns', {
  implemented: {
    ...callbackQueries(real),
    Resolver: resolverClass(real.Resolver, callbackQueries(real.Resolver.prototype)),
    promises: promisesDefinition.exports,
    setServers: settingServers(real.setServers),
  },
  added: { ...moduleQueries },
});
