// Shared by `http` and `https`.

import type { ClientRequest, ServerResponse } from 'node:http';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { each, filter, ownValue } from '../../../runtime/base/primordials.js';
import { asInternal } from '../../../runtime/suspension/internally.js';
import { givenHere } from '../../../runtime/suspension/pieces.js';
import type { ModuleSpec } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { type Listener, listenersInTasks, listening, listeningApart } from '../../kit/emitter-listeners.js';
import { members } from '../../kit/prototype-members.js';
import { taskClass } from '../../kit/replace-class.js';
import { withOurMessages } from './messages.js';
import { syncRequests } from './request-sync.js';

type Http = typeof import('node:http');
type Https = typeof import('node:https');

/** A request and its response are of our classes already: see {@link withOurMessages}. */
const serverListener = (listener: Listener, event: string | symbol): Listener =>
  listening(listener, true, event !== 'request');

const isBeingSent = (value: unknown): value is { finished: boolean } =>
  typeof value === 'object' &&
  value !== null &&
  ownValue(value, 'finished') === true &&
  (value as Partial<ServerResponse>).writableFinished === false;

/**
 * Node takes a connection for idle that is answered, though the answer is not sent yet, but not in the code that has got the request: its
 * parser is in the middle of that. Here the parser may have gone on.
 */
function sparing(original: AnyFunction): AnyFunction {
  return disguise(original, (self) => {
    const answers = filter(givenHere() as readonly unknown[], isBeingSent) as { finished: boolean }[];
    for (const answer of each(answers)) answer.finished = false;
    try {
      return Reflect.apply(original, self, []);
    } finally {
      for (const answer of each(answers)) answer.finished = true;
    }
  });
}

/** The replacements that both modules have, each over its own of Node's. */
export function serverAndRequests(
  name: 'http' | 'https',
  real: Http | Https,
): Required<Pick<ModuleSpec, 'implemented' | 'added'>> {
  const { prototype } = real.Server;
  const closeIdleConnections = sparing(prototype.closeIdleConnections as AnyFunction);
  const Server = taskClass(
    real.Server as Http['Server'],
    { ...listenersInTasks(prototype, serverListener), ...members({ closeIdleConnections }) },
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
