// Live bindings: `syncBuiltinESMExports()` gives the named exports of an ES module what the module's object has by then.
// Facades get theirs from here, as Node's own modules do. The names are only written once, in the facade:
// integration/support/bundle.mjs makes its constants variables, and adds what assigns them again. No imports: see registry.ts.

const updates: (() => void)[] = [];

/**
 * Has `syncBuiltinESMExports()` call `update`, too.
 * @param update - assigns a facade's exports from the module's object
 */
export function follow(update: () => void): void {
  if (updates.push(update) > 1) return;
  const nodeModule = process.getBuiltinModule('node:module');
  const { syncBuiltinESMExports } = nodeModule;
  const both = {
    syncBuiltinESMExports(): void {
      syncBuiltinESMExports();
      for (let i = 0; i < updates.length; i++) updates[i]?.();
    },
  };
  Object.assign(nodeModule, both);
  // Itself is such a binding.
  syncBuiltinESMExports();
}
