/** The source of the exports of facades, of builtins and packages: the registry of the thread's instance of aevent. */
import { open } from '../runtime/base/instance.js';

type Registry = typeof import('./registry.js');

const registry: Registry = open<Registry>('registry', import.meta.url);

export const follow: Registry['follow'] = registry.follow;
export const importInThread: Registry['importInThread'] = registry.importInThread;
export const load: Registry['load'] = registry.load;
export const loadDropIn: Registry['loadDropIn'] = registry.loadDropIn;
