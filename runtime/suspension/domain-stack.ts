// node:domain keeps the domains that are entered on one stack of its own, which a suspension has to carry along like
// the async-hooks stack: what a strand has entered is left when it parks, and entered again when it is resumed. So are
// those of its caller, among which it began.
//
//   entered in a timer:  [timer's]│[run's]     parked: [timer's]│     resumed: [hub's]│[timer's][run's]
//                         enteredAt                                            resumedAt
//
// A domain that a throw has gone through stays on the stack, in Node as here; a strand may therefore end with some of
// them. What one that was resumed leaves is taken off when the next one is: it would grow for ever.
// Guarded by test/runtime/suspension/domain-stack.test.ts, test/runtime/suspension/async-context.test.ts.

import type { Domain } from 'node:domain';
import { builtin } from '../base/builtins.js';
import { slice } from '../base/primordials.js';
import { Shared } from '../native/binding.js';
import { core } from './native-core.js';

// Until a program loads node:domain this is null; loading it would switch async hooks on.
const realProcess = builtin<{ domain?: Domain | null }>('process');

/** By carrier: how many on the stack are the caller's, in a strand that was entered in place and not parked since. */
const enteredAt: number[] = [];
/** By carrier: how many on the stack are not the strand's own since it was resumed. */
const resumedAt: number[] = [];
/** The carrier that the hub resumed last, until it parks or is known to have ended; 0: none. */
let resumedLast = 0;

// Not kept: node:domain replaces the array.
let module: { _stack: Domain[] } | undefined;
function domainStack(): Domain[] {
  module ??= builtin<{ _stack: Domain[] }>('domain');
  return module._stack;
}

const wasResumed = (): boolean => core.shared[Shared.resumed] !== 0;

/** To be called where a strand is entered in place: the domains that are active now are those of its caller. */
export function enterBelowDomains(carrier: number): void {
  if (realProcess.domain) enteredAt[carrier] = domainStack().length;
}

/** Leaves those of the running strand. @returns what it will want back */
export function detachDomains(carrier: number): readonly Domain[] | undefined {
  if (resumedLast === carrier) resumedLast = 0;
  if (!realProcess.domain) return undefined;
  const base = wasResumed() ? resumedAt[carrier] : enteredAt[carrier];
  const saved = slice(domainStack(), wasResumed() ? base : 0);
  cutTo(base ?? 0);
  return saved;
}

/**
 * Enters again what {@link detachDomains} has left.
 * @param byHub - nothing that was resumed before goes on meanwhile
 */
export function attachDomains(carrier: number, saved: readonly Domain[] | undefined, byHub: boolean): void {
  if (byHub) {
    if (resumedLast !== 0) cutTo(resumedAt[resumedLast] ?? 0);
    resumedLast = carrier;
  }
  resumedAt[carrier] = realProcess.domain ? domainStack().length : 0;
  if (saved !== undefined) for (const domain of saved) domain.enter();
}

/**
 * To be called where a strand that was entered in place ends: it may hold its caller's since it was resumed.
 * @param returned - if not, Node has yet to hand the error to a domain that is entered
 */
export function leaveDomains(carrier: number, returned: boolean): void {
  if (returned && wasResumed()) {
    cutTo(resumedAt[carrier] ?? 0);
    if (resumedLast === carrier) resumedLast = 0;
  }
  if (enteredAt[carrier]) enteredAt[carrier] = 0;
}

function cutTo(length: number): void {
  if (!realProcess.domain) return;
  for (let stack = domainStack(); stack.length > length; stack = domainStack())
    stack[stack.length - 1]?.exit();
}
