// Node's `tls`, complete whatever the program has loaded before.
import { builtin } from './builtins.js';

type Tls = typeof import('node:tls');

/**
 * Gives Node's `tls`, whole. It and the deprecated modules `_tls_common` and `_tls_wrap`, of which it is made, load each
 * other: where a program has loaded one of these first, `tls` lacks what that one exports.
 */
export function wholeTls(): Tls {
  const tls = builtin<Tls>('tls');
  const missing: PropertyDescriptorMap = {};
  if (tls.createSecureContext === undefined) take(missing, '_tls_common');
  if (tls.TLSSocket === undefined) take(missing, '_tls_wrap');
  return Object.create(tls, missing) as Tls;
}

function take(into: PropertyDescriptorMap, name: string): void {
  Object.assign(into, Object.getOwnPropertyDescriptors(builtin<object>(name)));
}
