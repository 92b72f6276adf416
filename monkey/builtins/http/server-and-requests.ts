// Shared by `http` and `https`.
import type { ClientRequest } from 'node:http';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import type { ModuleSpec } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import {
  asInternal,
  type Listener,
  listenersInTasks,
  listening,
  listeningApart,
} from '../../kit/emitter-listeners.js';
import { taskClass } from '../../kit/replace-class.js';
import { withOurMessages } from './messages.js';
import { syncRequests } from './request-sync.js';

type Http = typeof import('node:http');
type Https = typeof import('node:https');

/** A request and its response are of our classes already: see {@link withOurMessages}. */
const serverListener = (listener: Listener, event: string | symbol): Listener =>
  listening(listener, true, event !== 'request');

/** The replacements that both modules have, each over its own of Node's. */
export function serverAndRequests(
  name: 'http' | 'https',
  real: Http | Https,
): Required<Pick<ModuleSpec, 'implemented' | 'added'>> {
  const Server = taskClass(
    real.Server as Http['Server'],
    listenersInTasks(real.Server.prototype, serverListener),
    { callback: (listener) => serverListener(listener, 'request'), before: withOurMessages },
  );
  const request = starting(real.request as AnyFunction, listeningApart);
  return {
    implemented: {
      Server,
      createServer: disguise(real.createServer as AnyFunction, (_, args) => Reflect.construct(Server, args)),
      get: disguise(real.get as AnyFunction, (self, args) => {
        // Node's get() ends a request before it has our prototype, where an agent may have patched what end() calls.
        const made = Reflect.apply(request, self, args as never) as ClientRequest;
        asInternal(() => made.end());
        return made;
      }),
      request,
    },
    added: { ...syncRequests(name, real.request) },
  };
}
