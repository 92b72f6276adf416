// `requestSync()` and `getSync()` of `http` and `https`.
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { builtin } from '../../../runtime/base/builtins.js';
import { slice } from '../../../runtime/base/primordials.js';
import { withTicks } from '../../../runtime/suspension/ticks.js';
import { timedOut, withCode } from '../../kit/node-errors.js';
import { waitForEvent } from '../events/wait-for-event.js';

/** Makes a request and suspends until the head of the response has come. */
export interface RequestSync {
  /**
   * Makes a request, as `request()` with the same first arguments; suspends until the head of the response has come.
   * Its body is then read by `textSync()`, `jsonSync()` and the like, or as any stream: `response.readSync()`,
   * `for (const chunk of response)`.
   * @param body - sent as the request's body; without it the request has none
   * @throws Node's error; `ETIMEDOUT` when the option `timeout` (milliseconds) expires before the response
   * @throws {@link NoPortalError} where nothing can be suspended; nothing was sent then. After every error, and when it is
   *   cancelled, the request is destroyed
   */
  (url: string | URL | RequestOptions, body?: string | Uint8Array): IncomingMessage;
  (url: string | URL, options: RequestOptions, body?: string | Uint8Array): IncomingMessage;
}

/** As {@link RequestSync}, always without a body. */
export interface GetSync {
  /**
   * Makes a GET request, as `get()` with the same first arguments; suspends until the head of the response has come. Its
   * body is then read by `textSync()`, `jsonSync()` and the like, or as a stream.
   * @throws as {@link RequestSync}
   */
  (url: string | URL | RequestOptions): IncomingMessage;
  (url: string | URL, options: RequestOptions): IncomingMessage;
}

/** The functions that `http` and `https` each have of their own. */
export interface SyncRequests {
  readonly requestSync: RequestSync;
  readonly getSync: GetSync;
}

const { isUint8Array } = builtin<typeof import('node:util')>('util').types;

/**
 * Makes the synchronous functions of a module.
 * @param request - Node's own
 */
export function syncRequests(
  name: 'http' | 'https',
  request: (...args: never[]) => ClientRequest,
): SyncRequests {
  const start = (what: string, args: unknown[], body?: unknown): IncomingMessage =>
    withTicks(what, () => {
      const sent = Reflect.apply(request, undefined, args as never[]);
      sent.end(body);
      return responseOf(sent, what);
    });
  return {
    requestSync(...args: unknown[]) {
      const last = args[args.length - 1];
      const hasBody = args.length > 1 && (typeof last === 'string' || isUint8Array(last));
      return start(`${name}.requestSync()`, hasBody ? slice(args, 0, -1) : args, hasBody ? last : undefined);
    },
    getSync(...args: unknown[]) {
      return start(`${name}.getSync()`, args);
    },
  };
}

function responseOf(request: ClientRequest, what: string): IncomingMessage {
  // The agent's own time-out is for sockets that idle (Node's default agent has one of 5 s): a request only hears of it.
  const { timeout } = request as { timeout?: number };
  try {
    return waitForEvent<IncomingMessage>(request, what, {
      response: (wait, response: never) => wait.resolve(response),
      error: (wait, error: never) => wait.reject(error),
      ...(timeout !== undefined && {
        timeout: (wait) => wait.reject(timedOut('connect')),
      }),
      close: (wait) => wait.reject(withCode(new Error('socket hang up'), 'ECONNRESET')),
    });
  } catch (error) {
    // The caller gets this error already.
    request.on('error', () => {});
    request.destroy();
    throw error;
  }
}
