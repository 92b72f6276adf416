/**
 * Which builtins were imported before the hooks were in place: they block where a task calls them, and nothing that is done
 * later changes that. Guarded by test/loader/warnings.test.ts.
 */
import { builtin } from '../../runtime/base/builtins.js';

type AnyModule = Record<string, unknown>;

const { syncBuiltinESMExports } = builtin<typeof import('node:module')>('module');

/** Builtins with functions that suspend, loaded by programs only. (Node itself loads fs and crypto.) */
const loadedByPrograms = ['child_process', 'zlib'];

/**
 * Gives those of `names` that ES modules have imported, or, where a CommonJS program runs already, that it may have required.
 * @param names - builtins, without `node:`
 */
export function importedEarlier(names: readonly string[]): string[] {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  const loaded = new Set(moduleLoadList);
  const byNow = names.filter((name) => loaded.has(`NativeModule ${name}`));
  const imported = importedByModules(byNow);
  const isProgramRunning = process.mainModule !== undefined;
  return byNow.filter((name) => imported.has(name) || (isProgramRunning && loadedByPrograms.includes(name)));
}

/** syncBuiltinESMExports() reads the exports of a builtin if an ES module has imported it, and only then. */
function importedByModules(names: readonly string[]): Set<string> {
  const imported = new Set<string>();
  const restore: (() => void)[] = [];
  for (const name of names) {
    const real = builtin<AnyModule>(name);
    const isPlain = (key: string): boolean => {
      const found = Object.getOwnPropertyDescriptor(real, key);
      return found?.configurable === true && 'value' in found;
    };
    const key = Object.keys(real).find(isPlain);
    if (key === undefined) continue;
    const descriptor = Object.getOwnPropertyDescriptor(real, key) as PropertyDescriptor;
    const get = (): unknown => {
      imported.add(name);
      return descriptor.value;
    };
    Object.defineProperty(real, key, { get, configurable: true, enumerable: descriptor.enumerable === true });
    restore.push(() => Object.defineProperty(real, key, descriptor));
  }
  syncBuiltinESMExports();
  for (const undo of restore) undo();
  return imported;
}
