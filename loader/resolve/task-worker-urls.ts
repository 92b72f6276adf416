/**
 * The ES modules of a thread that is a task (monkey/builtins/worker_threads/task-thread.ts): their URLs have the thread's mark in the
 * query, so Node takes them for others than the program's. Imports inherit it, except for aevent's own files.
 */
import { modules } from '../../monkey/registry.js';
import { builtin } from '../../runtime/base/builtins.js';
import { type Container, containerOf } from '../../runtime/suspension/containment.js';
import { type ImportContext, isOurFile, isRequire, ourFiles } from './redirect.js';

const { fileURLToPath } = builtin<typeof import('node:url')>('url');
const MARK = /[?&](aevent-task=\d+)/;
let facade: string | undefined;

/** Gives what an import is resolved to with the mark of the thread whose module imports it, if it is one's. */
export function inInstance<R extends { url: string }>(resolved: R, context: ImportContext): R {
  const { parentURL } = context;
  if (!parentURL?.startsWith('file:') || isRequire(context)) return resolved;
  // A dynamic import in a thread's CommonJS module is told by the context alone.
  const mark = parentURL.includes('?') ? MARK.exec(parentURL)?.[1] : markOfCommonJs(parentURL, containerOf());
  const { url } = resolved;
  if (mark === undefined || !url.startsWith('file:') || url.includes(mark)) return resolved;
  facade ??= new URL(`monkey/facades/${modules.get('worker_threads')?.facade}`, ourFiles).href;
  if (isOurFile(url) && url !== facade) return resolved;
  const parts = url.split('#');
  const path = parts[0] as string;
  const hash = parts[1];
  const marked = `${path}${path.includes('?') ? '&' : '?'}${mark}`;
  return { ...resolved, url: hash === undefined ? marked : `${marked}#${hash}` };
}

function markOfCommonJs(parentURL: string, container: Container | undefined): string | undefined {
  return container !== undefined && fileURLToPath(parentURL) in container.cache ? container.mark : undefined;
}
