// Node-API ends the process when the scopes that addons open below suspended tasks are not closed in reverse order:
// native/node/scopes.h. Addons are loaded by process.dlopen() alone, so a look after each is enough.
// Guarded by test/runtime/native/addon-scopes.test.ts.
import { builtin } from '../base/builtins.js';
import { replaceMethod } from '../base/replace-method.js';
import type { NativeBinding } from '../native/binding.js';
import { callOnMain } from '../suspension/native-core.js';

const process = builtin<typeof import('node:process')>('process');

/**
 * Follows the scopes of addons, of those that are loaded and of those to come. Empty, or why it cannot be done.
 * @param onMainStack - addons are loaded there: for carriers that are threads
 */
export function followAddonScopes(binding: NativeBinding, onMainStack: boolean): string {
  const failure = binding.hookAddonScopes();
  if (failure !== '') return failure;
  const { dlopen } = process;
  const following = {
    dlopen(...args: Parameters<typeof dlopen>): void {
      try {
        const load = (): void => Reflect.apply(dlopen, process, args);
        if (onMainStack) callOnMain(load);
        else load();
      } finally {
        binding.hookAddonScopes();
      }
    },
  };
  const ours = Object.defineProperty(following.dlopen, 'length', { value: dlopen.length });
  const replaced = replaceMethod(process, 'dlopen', ours);
  return replaced
    ? ''
    : 'process is frozen, so dlopen() cannot be replaced: addons that are loaded from now on are not followed';
}
