// The replaced `http`.
import { builtin } from '../../../runtime/base/builtins.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { ClientRequest, IncomingMessage, OutgoingMessage, ServerResponse } from './messages.js';
import type { SyncRequests } from './request-sync.js';
import { serverAndRequests } from './server-and-requests.js';
// The sockets that reach a program are those of `net`.
import '../net/definition.js';

type Http = typeof import('node:http');

const { implemented, added } = serverAndRequests('http', builtin<Http>('http'));

/** `http`: every handler is a task of its own; requests have a form that waits for the response. */
export const definition: MonkeyModule<Http & SyncRequests> = defineModule<Http & SyncRequests>('http', {
  implemented: { ClientRequest, IncomingMessage, OutgoingMessage, ServerResponse, ...implemented },
  added,
});
