// What `http` and `https` have in common.
import type { AnyFunction } from '../../runtime/patch.js';
import { disguise } from '../../runtime/patch.js';
import type { ModuleSpec } from '../define.js';
import { starting } from '../starting.js';
import { taskClass } from '../task-class.js';
import { listenersApart, listeningApart, withOurMessages } from './messages.js';
import { syncRequests } from './request-sync.js';

type Http = typeof import('node:http');
type Https = typeof import('node:https');

/** The replacements that both modules have, each over its own of Node's. */
export function serverAndRequests(
  name: 'http' | 'https',
  real: Http | Https,
): Required<Omit<ModuleSpec, 'self'>> {
  const Server = taskClass(real.Server as Http['Server'], listenersApart(real.Server.prototype), {
    callback: listeningApart,
    before: withOurMessages,
  });
  return {
    implemented: {
      Server,
      createServer: disguise(real.createServer as AnyFunction, (_, args) => Reflect.construct(Server, args)),
      get: starting(real.get as AnyFunction, listeningApart),
      request: starting(real.request as AnyFunction, listeningApart),
    },
    added: { ...syncRequests(name, real.request) },
  };
}
