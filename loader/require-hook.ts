/**
 * The CommonJS side: `require()`, `createRequire()` and `process.getBuiltinModule()` give the replaced modules,
 * by require-in-the-middle. That package costs 10 ms to load (it brings `debug`), so two stand-ins wait for the
 * first call that asks for a replaced builtin, and load it then.
 */
import type { Hook } from 'require-in-the-middle';
import { load } from '../monkey/registry.js';
import { builtin } from '../runtime/builtins.js';
import { isReplaced } from './redirect.js';

const { createRequire, Module } = builtin<typeof import('node:module')>('module');
const prototype = Module.prototype as { require(id: string): unknown };

let names: string[] = [];
let state: 'off' | 'waiting' | 'on' = 'off';
let hook: Hook | undefined;

/**
 * Makes `require()` and `process.getBuiltinModule()` give the replacements of these modules, and of no others.
 * What a caller holds already stays what it is.
 */
export function hookRequire(replaced: readonly string[]): void {
  names = [...replaced];
  if (state === 'on') startHook();
  else if (state === 'off') waitForFirst();
}

function startHook(): void {
  state = 'on';
  // require-in-the-middle remembers what it gave for a name: other names need another hook.
  hook?.unhook();
  const ritm = createRequire(import.meta.url)('require-in-the-middle') as {
    Hook: typeof import('require-in-the-middle').Hook;
  };
  hook = new ritm.Hook(names, <T>(_real: T, name: string): T => load(name).exports as T);
}

function waitForFirst(): void {
  state = 'waiting';
  const { require: realRequire } = prototype;
  const { getBuiltinModule: realGet } = process;
  const start = (id: unknown): boolean => {
    if (state === 'on' || !isReplaced(id)) return false;
    // Taken away again unless somebody has wrapped them since; then they just pass calls on.
    if (prototype.require === waitingRequire) prototype.require = realRequire;
    if (process.getBuiltinModule === waitingGet) process.getBuiltinModule = realGet;
    startHook();
    return true;
  };
  function waitingRequire(this: unknown, ...args: [id: string]): unknown {
    return Reflect.apply(start(args[0]) ? prototype.require : realRequire, this, args);
  }
  function waitingGet(this: unknown, ...args: [id: string]): unknown {
    return Reflect.apply(start(args[0]) ? process.getBuiltinModule : realGet, this, args);
  }
  prototype.require = waitingRequire;
  process.getBuiltinModule = waitingGet as typeof process.getBuiltinModule;
}
