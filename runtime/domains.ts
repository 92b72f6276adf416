// node:domain keeps the domains that are entered on one stack of its own, which a suspension has to carry along like
// the async-hooks stack: what a strand has entered is left when it parks, and entered again when it is resumed.
//
//   entered in a timer:  [timer's]│[run's]     parked: [timer's]│     resumed: │[timer's][run's]
//                        below ───┘            below ───────────┘     below ───┘
//
// Guarded by test/runtime/async-context.test.ts.
import type { Domain } from 'node:domain';
import { builtin } from './builtins.js';

// Until somebody loads node:domain this is null; loading it would switch async hooks on.
const realProcess = builtin<{ domain?: Domain | null }>('process');

/** By carrier: how many of those on the stack are not the strand's own. Nothing: none. */
const below: number[] = [];

// Not kept: node:domain replaces the array.
let module: { _stack: Domain[] } | undefined;
function domainStack(): Domain[] {
  module ??= builtin<{ _stack: Domain[] }>('domain');
  return module._stack;
}

/** To be called where a strand is entered in place: the domains that are active now are those of its caller. */
export function enterBelowDomains(carrier: number): void {
  if (realProcess.domain) below[carrier] = domainStack().length;
}

/** Leaves those of the running strand. @returns what it will want back */
export function detachDomains(carrier: number): readonly Domain[] | undefined {
  if (!realProcess.domain) return undefined;
  const saved = [...domainStack()];
  leaveDomains(carrier);
  return saved;
}

/** Enters again what {@link detachDomains} has left. */
export function attachDomains(carrier: number, saved: readonly Domain[] | undefined): void {
  if (saved === undefined) return;
  below[carrier] = domainStack().length;
  for (const domain of saved) domain.enter();
}

/** To be called where a strand that was entered in place ends: it may hold its caller's since it was resumed. */
export function leaveDomains(carrier: number): void {
  if (realProcess.domain) {
    const base = below[carrier] ?? 0;
    for (let stack = domainStack(); stack.length > base; stack = domainStack())
      stack[stack.length - 1]?.exit();
  }
  below[carrier] = 0;
}
