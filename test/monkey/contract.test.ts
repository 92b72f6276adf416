// What every replaced module promises, checked against the Node that runs.
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MonkeyModule } from '../../monkey/kit/define-module.js';

type Namespace = Record<string, unknown>;
type Registry = typeof import('../../monkey/registry.js');

const dist = new URL('../../dist/monkey/', import.meta.url).href;
const { modules, load } = (await import(/* @vite-ignore */ `${dist}registry.js`)) as Registry;

const ours = new Set<string | symbol>([
  ...['orig', 'replacement', 'select'].map((name) => Symbol.for(`aevent.${name}`)),
  Symbol.hasInstance, // of a replaced class: Node's instances are instances of it, too
]);
const ownKeys = (all: object): (string | symbol)[] => Reflect.ownKeys(all).filter((key) => !ours.has(key));

function isConstructor(fn: unknown): boolean {
  try {
    Reflect.construct(Object, [], fn as typeof Object);
    return true;
  } catch {
    return false;
  }
}

/** All that a property is, except for its value. */
function kind(holder: object, key: string): unknown {
  const { value, get, set, ...attributes } = Object.getOwnPropertyDescriptor(holder, key) ?? {};
  return { ...attributes, get: get && surface(get), set: set && surface(set), type: typeof value };
}

/** @param added - what a module that is a function itself has more than Node's */
function surface(fn: object, added: readonly string[] = []): unknown {
  const { name, length } = fn as () => void;
  const keys = ownKeys(fn).filter((key) => !added.includes(key as string));
  return { name, length, keys: keys.map(String).sort(), constructs: isConstructor(fn) };
}

describe.each([...modules])('%s', (name, { facade }) => {
  let module: MonkeyModule;
  let real: Namespace;
  let exports: Namespace;
  let namespace: Namespace;
  let realNamespace: Namespace;

  beforeAll(async () => {
    module = load(name);
    real = module.real as Namespace;
    exports = module.exports as Namespace;
    namespace = await import(/* @vite-ignore */ `${dist}facades/${facade}`);
    realNamespace = await import(/* @vite-ignore */ `node:${name}`);
  });

  const functions = (): string[] => module.implemented.filter((key) => typeof real[key] === 'function');

  it('stands for the real module, which it leaves alone', () => {
    expect(real).toBe(process.getBuiltinModule(`node:${name}`));
    for (const key of module.implemented) expect(realNamespace[key], key).toBe(real[key]);
  });

  it('declares each name once: implemented, added or passed through', () => {
    const { implemented, added, passedThrough } = module;
    const declared = [...implemented, ...added, ...passedThrough];
    expect(new Set(declared).size).toBe(declared.length);
    expect([...implemented, ...passedThrough].sort()).toEqual(Object.getOwnPropertyNames(real).sort());
    expect(added.filter((key) => key in real)).toEqual([]);
  });

  it("has Node's named exports, and those added", () => {
    // 'module.exports' among them would replace what require() gives of an ES module that re-exports a builtin.
    expect(Object.keys(namespace).sort()).toEqual([...Object.keys(realNamespace), ...module.added].sort());
  });

  it("has Node's properties, of the same kinds, and those added", () => {
    const keys = (all: object): string[] => ownKeys(all).map(String).sort();
    expect(keys(exports)).toEqual([...keys(real), ...module.added].sort());
    expect(Object.getPrototypeOf(exports)).toBe(Object.getPrototypeOf(real));
    for (const key of module.passedThrough) expect(kind(exports, key), key).toEqual(kind(real, key));
    for (const key of functions()) expect(kind(exports, key), key).toEqual(kind(real, key));
  });

  it('gives one CommonJS object to import and to require', () => {
    expect(namespace.default).toBe(exports);
    for (const key of [...module.implemented, ...module.added])
      if (key !== 'prototype') expect(namespace[key], key).toBe(exports[key]);
  });

  it("passes through what is Node's own", () => {
    const named = Object.keys(realNamespace);
    for (const key of module.passedThrough) {
      const { value } = Object.getOwnPropertyDescriptor(real, key) ?? {};
      expect(Object.getOwnPropertyDescriptor(exports, key)?.value, key).toBe(value);
      if (named.includes(key)) expect(namespace[key], key).toBe(realNamespace[key]);
    }
  });

  it('replaces what it implements by functions that look the same', () => {
    for (const key of module.implemented) expect(exports[key], key).not.toBe(real[key]);
    for (const key of functions()) {
      const added = exports[key] === exports ? module.added : [];
      expect(surface(exports[key] as object, added), key).toEqual(surface(real[key] as object));
    }
  });

  it("writes what a program puts into it into Node's own, but nothing of aevent's", () => {
    // Classes are themselves, and `process` and `cluster` are one object with Node's.
    if (typeof real === 'function' || exports === real || ['process', 'cluster'].includes(name)) return;
    const mine = (): void => {};
    const isWritable = (key: string): boolean =>
      Boolean(Object.getOwnPropertyDescriptor(real, key)?.writable);
    for (const key of functions().filter(isWritable).slice(0, 1)) {
      const [own, nodes] = [exports, real].map((all) => Object.getOwnPropertyDescriptor(all, key) ?? {});
      exports[key] = mine;
      expect([exports[key], real[key]]).toEqual([mine, mine]);
      expect(namespace[key]).toBe(own?.value);
      syncBuiltinESMExports();
      expect([namespace[key], realNamespace[key]]).toEqual([mine, mine]);
      expect(delete exports[key]).toBe(true);
      expect([key in exports, key in real]).toEqual([false, false]);
      Object.defineProperty(exports, key, own as PropertyDescriptor);
      expect(Object.getOwnPropertyDescriptor(exports, key)).toEqual(own);
      expect(Object.getOwnPropertyDescriptor(real, key)).toEqual(nodes);
      syncBuiltinESMExports();
      expect([namespace[key], realNamespace[key]]).toEqual([own?.value, nodes?.value]);
    }
    for (const added of module.added) {
      const before = exports[added];
      exports[added] = mine;
      expect(added in real).toBe(false);
      exports[added] = before;
    }
  });

  it('keeps what util.promisify makes of a function', () => {
    const custom = (fn: unknown): unknown => (fn as { [promisify.custom]?: unknown })[promisify.custom];
    for (const key of functions()) expect(custom(exports[key]), key).toBe(custom(real[key]));
  });
});
