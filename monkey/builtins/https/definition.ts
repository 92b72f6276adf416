// The replaced `https`.
import { builtin } from '../../../runtime/base/builtins.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import type { SyncRequests } from '../http/request-sync.js';
import { serverAndRequests } from '../http/server-and-requests.js';
// The sockets that reach a program are those of `tls`.
import '../tls/definition.js';

type Https = typeof import('node:https');

/** `https`: as `http`. */
export const definition: MonkeyModule<Https & SyncRequests> = defineModule<Https & SyncRequests>(
  'https',
  serverAndRequests('https', builtin<Https>('https')),
);
