import { builtin } from '../../runtime/base/builtins.js';
import { serverAndRequests } from '../http/module.js';
import type { SyncRequests } from '../http/request-sync.js';
import { defineModule, type MonkeyModule } from '../kit/define-module.js';
// The sockets that reach a program are those of `tls`.
import '../tls/definition.js';

type Https = typeof import('node:https');

/** `https`: as `http`. */
export const definition: MonkeyModule<Https & SyncRequests> = defineModule<Https & SyncRequests>(
  'https',
  serverAndRequests('https', builtin<Https>('https')),
);
