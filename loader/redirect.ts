/**
 * Where an import of a replaced builtin goes. Pure: evaluated in the application thread and, where hooks have a
 * thread of their own, in that one too.
 */
import { dropIns, modules } from '../monkey/registry.js';

/** What a resolve hook is told of an import, as far as it matters here. */
export interface ImportContext {
  readonly conditions?: readonly string[] | undefined;
  readonly parentURL?: string | undefined;
}

/** What a resolve hook answers. */
export interface Redirection {
  readonly url: string;
  readonly format: 'builtin' | 'module';
  readonly shortCircuit: true;
}

/** What happens to imports of a module. */
export const Treatment = {
  replaced: 0,
  /** Excluded: the next hook decides. */
  leftAlone: 1,
  /** Excluded where the next hook is aevent's own, in the thread of `--loader`, which nobody can tell. */
  real: 2,
} as const;

/** A {@link Treatment} for each of {@link replaceable}, in that order. Can be shared with a thread. */
export type Treatments = Uint8Array;

/** The names of the replaced modules, in the registry's order, without `node:`. */
export const replacedModules: readonly string[] = [...modules.keys()];

/** All that can be replaced: the builtins of {@link replacedModules}, then packages. */
export const replaceable: readonly string[] = [
  ...new Set([...replacedModules, ...[...dropIns.values()].map((dropIn) => dropIn.package)]),
];

/** Our own files (`dist/`): they get the real builtins. */
const ourFiles = new URL('../', import.meta.url).href;

const facades = new Map<string, { readonly index: number; readonly real: string; readonly url: string }>();
for (const [index, [name, { facade }]] of [...modules].entries()) {
  const found = { index, real: `node:${name}`, url: new URL(`../monkey/${facade}`, import.meta.url).href };
  facades.set(name, found).set(found.real, found);
}

const dropInFacades = new Map(
  [...dropIns].map(([name, { package: owner, facade }]) => [
    name,
    { index: replaceable.indexOf(owner), url: new URL(`../monkey/${facade}`, import.meta.url).href },
  ]),
);

/**
 * Tells whether `id` names a builtin that aevent replaces, with or without `node:`.
 * @param id - what a program gave to `require()`: anything
 */
export function isReplaced(id: unknown): boolean {
  return facades.has(id as string);
}

/**
 * Decides where an import goes.
 * @returns undefined if that is not ours to say: another module, a `require()` (require-in-the-middle's, so that
 * `require.resolve('fs')` stays 'fs'), or a module that `setup()` excluded
 */
export function redirect(
  specifier: string,
  context: ImportContext,
  treatments: Treatments,
): Redirection | undefined {
  const dropIn = dropInFacades.get(specifier);
  if (dropIn !== undefined && (treatments[dropIn.index] ?? Treatment.replaced) === Treatment.replaced) {
    return { url: dropIn.url, format: 'module', shortCircuit: true };
  }
  const found = facades.get(specifier);
  if (found === undefined || context.conditions?.includes('require')) return undefined;
  const { parentURL } = context;
  // `node:` parents are other agents' wrappers of a builtin (`node:fs?iitm=true`): they wrap the real one.
  const wantsReal = parentURL?.startsWith(ourFiles) || parentURL?.startsWith('node:');
  const treatment = wantsReal ? Treatment.real : treatments[found.index];
  if (treatment === Treatment.leftAlone) return undefined;
  if (treatment === Treatment.real) return { url: found.real, format: 'builtin', shortCircuit: true };
  return { url: found.url, format: 'module', shortCircuit: true };
}
