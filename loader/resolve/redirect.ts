/**
 * Where an import of a replaced builtin goes. Pure: evaluated in the application thread and, where hooks have a
 * thread of their own, in that one too.
 */
import { dist, dropIns, modules } from '../../monkey/registry.js';
import { builtin } from '../../runtime/base/node-builtin.js';
import { below } from './below.js';

const { readFileSync } = builtin<typeof import('node:fs')>('fs');
const { fileURLToPath } = builtin<typeof import('node:url')>('url');

/** The context of an import as a resolve hook gets it, as far as it matters here. */
export interface ImportContext {
  /** Node 23 gives `require()` a set, against its documents. */
  readonly conditions?: readonly string[] | ReadonlySet<string> | undefined;
  readonly parentURL?: string | undefined;
}

/** Tells whether it is a `require()`. */
export function isRequire({ conditions }: ImportContext): boolean {
  if (conditions === undefined) return false;
  return 'has' in conditions ? conditions.has('require') : conditions.includes('require');
}

/** The answer of a resolve hook. */
export interface Redirection {
  readonly url: string;
  readonly format: 'builtin' | 'module';
  readonly shortCircuit: true;
}

/** How imports of a module are treated. */
export const Treatment = {
  replaced: 0,
  /** Excluded: the next hook decides. */
  leftAlone: 1,
  /** Excluded where the next hook is aevent's own, in the thread of `--loader`, which cannot be told from here. */
  real: 2,
} as const;

/** Where {@link Treatments} tell whether the program's entry point was resolved: beyond all modules. */
const ENTRY = 255;

/** Notes an import that has no importer: the entry point's. */
export function noteEntry({ parentURL }: ImportContext, treatments: Treatments): void {
  if (parentURL === undefined) treatments[ENTRY] = 1;
}

/** Tells whether the hooks have seen the entry point, so that they are in front of all that the program imports. */
export function sawEntry(treatments: Treatments): boolean {
  return treatments[ENTRY] === 1;
}

/** A {@link Treatment} for each of {@link replaceable}, in that order. Can be shared with a thread. */
export type Treatments = Uint8Array;

/** The names of the replaced modules, in the registry's order, without `node:`. */
export const replacedModules: readonly string[] = [...modules.keys()];

/** All that can be replaced: the builtins of {@link replacedModules}, then packages. */
export const replaceable: readonly string[] = [
  ...new Set([...replacedModules, ...[...dropIns.values()].map((dropIn) => dropIn.package)]),
];

/** Our own files (`dist/`): they get the real builtins. */
export const ourFiles: string = dist;
/** Tells whether a URL is that of one of {@link ourFiles}. */
export const isOurFile: (url: string) => boolean = below(dist);

interface Facade {
  readonly index: number;
  readonly name: string;
  readonly real: string;
  readonly url: string;
}
const facades = new Map<string, Facade>();
for (const [index, [name, { facade }]] of [...modules].entries()) {
  const url = new URL(`monkey/facades/${facade}`, dist).href;
  const found = { index, name, real: `node:${name}`, url };
  facades.set(name, found).set(found.real, found);
}

const dropInFacades = new Map(
  [...dropIns].map(([name, { package: owner, facade }]) => [
    name,
    { index: replaceable.indexOf(owner), url: new URL(`monkey/facades/${facade}`, dist).href },
  ]),
);

/**
 * Gives the name of the replaced builtin that `id` stands for, with or without `node:`.
 * @param id - the argument of a program's `require()`: anything
 */
export function nameOfReplaced(id: unknown): string | undefined {
  return facades.get(id as string)?.name;
}

/**
 * At the end of the URL of an agent's wrapper (`node:fs?iitm=true`) that a program gets: it wraps the replacement. To the
 * agent it is the wrapper of `node:fs`, but another one than it may have made of Node's own before aevent was there.
 */
const OF_OURS = '&iitm=aevent';

/** Tells whether an agent's wrapper of Node's own builtin imports: it wraps the real one. */
export function isFromWrapper(context: ImportContext): boolean {
  return parentOf(context)?.startsWith('node:') === true && !wrapsOurs(context);
}

function wrapsOurs(context: ImportContext): boolean {
  const parent = parentOf(context);
  return parent?.startsWith('node:') === true && parent.endsWith(OF_OURS);
}

// `import.meta.resolve()` passes on whatever it is given.
function parentOf({ parentURL }: ImportContext): string | undefined {
  return typeof parentURL === 'string' ? parentURL : undefined;
}

/**
 * Decides where an import goes.
 * @returns undefined if that is not ours to say: another module, a `require()` (require-hook.ts's, so that
 * `require.resolve('fs')` stays 'fs'), or a module that `setup()` excluded
 */
export function redirect(
  specifier: string,
  context: ImportContext,
  treatments: Treatments,
): Redirection | undefined {
  // Facades could not load the modules that they stand for: see install.ts.
  if (!process.features.require_module) return undefined;
  if (specifier.startsWith('node:') && specifier.endsWith(OF_OURS)) {
    return { url: specifier, format: 'builtin', shortCircuit: true };
  }
  const dropIn = dropInFacades.get(specifier);
  if (dropIn !== undefined && (treatments[dropIn.index] ?? Treatment.replaced) === Treatment.replaced) {
    return { url: dropIn.url, format: 'module', shortCircuit: true };
  }
  const found = facades.get(specifier);
  if (found === undefined || isRequire(context)) return undefined;
  const parent = parentOf(context);
  const wantsReal = (parent !== undefined && isOurFile(parent)) || isFromWrapper(context);
  const treatment = wantsReal ? Treatment.real : treatments[found.index];
  if (treatment === Treatment.leftAlone) return undefined;
  if (treatment === Treatment.real) return { url: found.real, format: 'builtin', shortCircuit: true };
  return { url: found.url, format: 'module', shortCircuit: true };
}

/**
 * Tells whether the next hook is to be asked before a redirection is followed: for another module than Node's own it
 * comes first, being the program's wish, and an agent wraps the module that the program gets.
 */
export function asksNext(specifier: string, { format }: Redirection, context: ImportContext): boolean {
  return format === 'module' && facades.has(specifier) && !wrapsOurs(context);
}

/**
 * Decides between a replacement and the module that the next hook gave.
 * @param found - the next hook's answer: Node's own builtin, an agent's wrapper of it, or another module
 * @param to - the result of {@link redirect}
 */
export function choose<R extends { readonly url: string }>(found: R, to: Redirection): R | Redirection {
  if (!found.url.startsWith('node:')) return found;
  if (!/[?&]iitm=/.test(found.url)) return to;
  const wrapper = `${found.url}${OF_OURS}`;
  const around = withAddedNames(wrapper, to.url);
  return around === undefined ? { ...found, url: wrapper } : { ...to, url: around };
}

const namesAdded = new Map<string, readonly string[]>();

// A wrapper exports the names that Node has. A module around it adds those that only the facade has.
function withAddedNames(wrapper: string, facade: string): string | undefined {
  const name = wrapper.slice('node:'.length, wrapper.indexOf('?'));
  let names = namesAdded.get(facade);
  if (names === undefined) {
    const text = readFileSync(fileURLToPath(facade), 'utf8');
    const real = builtin<object>(name);
    names = [...text.matchAll(/^export (?:const|let) (\w+)/gm)].map((found) => found[1] as string);
    names = names.filter((exported) => !(exported in real));
    namesAdded.set(facade, names);
  }
  if (names.length === 0) return undefined;
  const [from, added] = [JSON.stringify(wrapper), JSON.stringify(facade)];
  const source = `export * from ${from}; export { default } from ${from}; export { ${names.join(', ')} } from ${added};`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
