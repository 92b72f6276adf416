/**
 * Gets Node's own builtins past an agent that has hooked `process.getBuiltinModule()` before aevent was there: it would take
 * aevent for the program, and patch Node's builtin instead of the one that the program gets. No imports: see instance.ts.
 */
// A Node that is too old has none; instance.ts says so.
const getBuiltinModule = process.getBuiltinModule ?? (() => ({}));
const isNodes = Function.prototype.toString.call(getBuiltinModule).includes('normalizeRequirableId');
const { _load: load } = getBuiltinModule('node:module') as unknown as {
  _load: (id: string, parent: object) => unknown;
};
/** Stands for the module that requires: by it the hooks of another copy of aevent know this one (require-hook.ts). */
const parent = { [Symbol.for('aevent.wants-own')]: true };
const loaded = new Map<string, unknown>();
const { apply } = Reflect;

/**
 * Gives Node's own builtin, whatever was patched since.
 * @param name - without `node:`, e.g. `fs`, `timers/promises`
 */
export function builtin<T>(name: string): T {
  return (isNodes ? apply(getBuiltinModule, process, [`node:${name}`]) : loadPastHooks(name)) as T;
}

function loadPastHooks(name: string): unknown {
  if (!loaded.has(name)) loaded.set(name, load(`node:${name}`, parent));
  return loaded.get(name);
}
