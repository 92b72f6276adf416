/**
 * Node 20 and 22 end the process ("FATAL ERROR: v8::Module::IsGraphAsync") if a Worker is terminated, or the process exits, while
 * the Worker's require() links ES modules: they ask V8 about modules that were not linked. aevent's own modules are required
 * at the start of each Worker, so this would be met often. No imports but of what imports nothing: see instance.ts.
 * Guarded by test/loader/cut-linking.test.ts.
 */
import { builtin } from './node-builtin.js';

/** Node's class behind ES modules, as far as require() uses it to link them. */
interface ModuleWrap {
  /** Links, and tells whether a module of the graph awaits at its top level. */
  instantiateSync?: () => boolean;
  instantiate: () => void;
  getStatus: () => number;
  isGraphAsync: () => boolean;
}

/** v8::Module::Status. */
const LINKED = 2;

/** The first Node that asks nothing of modules that were not linked. */
const SURVIVES = 24;

/**
 * Lets require() ask about modules only if they were linked, from here on, in this thread.
 * @param compile - evaluates a module as an ES module of no statements, by which Node's class is found
 */
export function surviveCutLinking(compile: (module: NodeModule) => void): void {
  if (Number.parseInt(process.versions.node, 10) >= SURVIVES) return;
  // Not at the top level: a Node that is too old has no such builtin, and instance.ts says so.
  const { Module } = builtin<typeof import('node:module')>('module');
  const module = new Module('') as NodeModule & Record<symbol, unknown>;
  compile(module);
  for (const key of Object.getOwnPropertySymbols(module)) {
    const wrap = module[key] as ModuleWrap | undefined;
    if (typeof wrap?.instantiateSync !== 'function') continue;
    const prototype = Object.getPrototypeOf(wrap) as ModuleWrap;
    prototype.instantiateSync = linkThenAsk;
  }
}

function linkThenAsk(this: ModuleWrap): boolean {
  this.instantiate();
  // Not seen by the program: its thread is being terminated.
  if (this.getStatus() < LINKED) throw new Error('The thread was terminated while it linked modules.');
  return this.isGraphAsync();
}
