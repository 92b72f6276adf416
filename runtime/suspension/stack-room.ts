// A call that overflows the stack half-way through a change of aevent's state would leave that state as it is: a task that
// is never woken, a lock that is held for ever. So stack is asked for before anything is touched, and where there is too little
// the call fails with the RangeError that it would have come to anyway. Rules:
//
// - every function that changes state in more than one step asks first; what it calls of aevent's may then rely on it;
// - what takes something asks for more than what gives it back: `finally` blocks run on the frame that took it;
// - one step is one assignment, or one call of what keeps to this itself.
//
// Guarded by test/runtime/suspension/stack-overflow.test.ts.
import { core } from './native-core.js';

/**
 * To be called before something is taken or begun.
 * @throws RangeError as V8 does where the stack ends, if too little of it is left
 */
export function requireStack(): void {
  require(true);
}

/** As {@link requireStack}, before something is given back, woken or ended: asks for less. */
export function requireStackToGive(): void {
  require(false);
}

function require(toTake: boolean): void {
  const { binding } = core;
  // Without the native addon nothing is suspended: to pass that many arguments takes 4 KiB, which V8 looks for first.
  if (binding === undefined) Reflect.apply(ignoreArguments, undefined, arguments4KiB);
  else if (!binding.hasRoom(toTake)) throw new RangeError('Maximum call stack size exceeded');
}

const arguments4KiB: readonly undefined[] = Array.from({ length: 512 });

function ignoreArguments(): void {}
