// Node 26 notes in a variable of the thread that it handles an uncaught exception, and ends the process at the next one
// ("Re-entrant uncaught exception detected"). A handler that suspends must not leave that to others, so it is part of what
// the fiber backend exchanges with the stacks. It is found by having Node handle one.
// Guarded by test/runtime/hazards/uncaught-exception-flag.test.ts.
import { builtin } from '../base/builtins.js';
import { functionInClosure } from '../base/closure-variable.js';
import type { AnyFunction } from '../base/disguise.js';
import { triggerOfNode } from '../base/trigger-uncaught.js';
import type { NativeBinding } from '../native/binding.js';

const process = builtin<typeof import('node:process')>('process');

/**
 * Finds what changes while Node handles an uncaught exception.
 * @returns empty, or why it is not known
 */
export function findHandling(binding: NativeBinding): string {
  let failure: string;
  try {
    // Called once in a process.
    failure = binding.findHandling(handleOne);
  } catch (error) {
    failure = (error as Error).message;
  }
  return failure && `where Node notes that it handles an uncaught exception was not found: ${failure}`;
}

function handleOne(look: () => void): void {
  const handler = process as unknown as { _fatalException: AnyFunction };
  const original = handler._fatalException;
  const getOptionValue = functionInClosure<(name: string) => unknown>('getOptionValue', [
    process.setUncaughtExceptionCaptureCallback,
    original,
    process.emitWarning,
  ]);
  if (getOptionValue('--abort-on-uncaught-exception') === true) {
    look(); // nothing: to have one handled would end the process
    return;
  }
  const trigger = triggerOfNode();
  handler._fatalException = () => {
    look();
    return true; // handled
  };
  try {
    trigger(new Error('self-test'), false);
  } finally {
    handler._fatalException = original;
  }
}
