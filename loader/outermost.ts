/**
 * Of the hooks of `module.registerHooks()` the last ones are asked first. aevent's have to be those: they ask the next
 * ones, and see by the answer whether an agent wraps a builtin (redirect.ts). So they are registered once more whenever
 * others are.
 */
import { builtin } from '../runtime/base/builtins.js';

type RegisterHooks = typeof import('node:module').registerHooks;

/** Registers hooks that stay in front of all others. */
export function registerOutermost(registerHooks: RegisterHooks, hooks: Parameters<RegisterHooks>[0]): void {
  let own = registerHooks(hooks);
  const ours = {
    registerHooks(...args: Parameters<RegisterHooks>): ReturnType<RegisterHooks> {
      const others = Reflect.apply(registerHooks, undefined, args);
      own.deregister();
      own = registerHooks(hooks);
      return others;
    },
  };
  const nodeModule = builtin<typeof import('node:module')>('module');
  Object.defineProperty(ours.registerHooks, 'length', { value: registerHooks.length });
  nodeModule.registerHooks = ours.registerHooks;
  nodeModule.syncBuiltinESMExports();
}
