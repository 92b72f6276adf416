/**
 * The net: import-in-the-middle, without its loader. Where an agent that shares our copy of it has put its wrapper around
 * a builtin before aevent was there, the modules that hold it get the replacement, too.
 *
 * Imported at start-up, though seldom needed: it is called in the middle of linking, when Node 22 can require no
 * ES module.
 */
import { load } from '../../monkey/registry.js';
import { builtin } from '../../runtime/base/builtins.js';
import { replacedModules, Treatment, type Treatments } from './redirect.js';

const { createRequire } = builtin<typeof import('node:module')>('module');
let spread = false;

/** Spreads the net, once; it catches wrappers that exist already, too. */
export function spreadNet(treatments: Treatments): void {
  if (spread) return;
  spread = true;
  const { Hook } = createRequire(import.meta.url)(
    'import-in-the-middle',
  ) as typeof import('import-in-the-middle');
  new Hook([...replacedModules], (wrapper: Record<string, unknown>, name: string) => {
    if (treatments[replacedModules.indexOf(name)] !== Treatment.replaced) return;
    const { exports, implemented, real } = load<Record<string, unknown>>(name);
    // The agent's own functions, and its wrapper of a replacement, stay as they are.
    for (const key of implemented)
      if (key in wrapper && wrapper[key] === real[key]) wrapper[key] = exports[key];
    if (wrapper.default === real) wrapper.default = exports;
  });
}
