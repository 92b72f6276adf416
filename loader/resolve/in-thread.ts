/**
 * Imports of modules that are in threads (runtime/threads/imported.ts). Evaluated where hooks have a thread of their own, too, which
 * cannot ask the thread that has the module: it finds the names of its exports in a Worker that it ends again.
 */
import { dist } from '../../monkey/registry.js';
import { builtin } from '../../runtime/base/node-builtin.js';
import type { Redirection } from './redirect.js';

/** False for what another hook has put in a module's place; also for what another one of aevent's has. */
export function canBeInThread(url: string): boolean {
  return url.startsWith('file:') || url.startsWith('node:');
}

/** An ES module that has what the module in its thread exports. */
export function standInFor(name: string, url: string, exported: readonly string[]): Redirection {
  const facade = JSON.stringify(new URL('monkey/facade.js', dist).href);
  const lines = [
    `import { importInThread } from ${facade};`,
    `const from = importInThread(${JSON.stringify(name)}, ${JSON.stringify(url)});`,
  ];
  for (const [i, key] of exported.map((key) => JSON.stringify(key)).entries())
    lines.push(`const $${i} = from[${key}]; export { $${i} as ${key} };`);
  const source = encodeURIComponent(lines.join('\n'));
  return { url: `data:text/javascript,${source}`, format: 'module', shortCircuit: true };
}

const NAMES = `const { parentPort, workerData } = require('node:worker_threads');
import(workerData).then((module) => parentPort.postMessage(Object.keys(module)));`;
const names = new Map<string, Promise<readonly string[]>>();

/** In a thread of hooks: what an import is resolved to that names a module in a thread. Rejects as the import of it does. */
export async function inThreadOf<R extends { url: string }>(
  name: string,
  found: R,
): Promise<R | Redirection> {
  return canBeInThread(found.url) ? standInFor(name, found.url, await namesOf(found.url)) : found;
}

/** The names that a module exports. */
function namesOf(url: string): Promise<readonly string[]> {
  let found = names.get(url);
  if (found === undefined) {
    // Loaded only now: it replaces process.chdir().
    const { Worker } = builtin<typeof import('node:worker_threads')>('worker_threads');
    const { NODE_OPTIONS: _, ...env } = process.env;
    const worker = new Worker(NAMES, { eval: true, workerData: url, execArgv: [], env });
    found = new Promise<readonly string[]>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    }).finally(() => void worker.terminate());
    names.set(url, found);
  }
  return found;
}
