/**
 * Loads aevent's own ES modules at once. Node's require() would do, but for those who put one of their own in its place
 * (`Module._extensions`: tsx, ts-node, Babel's register, …): they would make CommonJS of them, and other instances.
 *
 * Evaluated before anything else of aevent is read: it must stay free of imports.
 */
const { Module } = process.getBuiltinModule('node:module');
const { readFileSync } = process.getBuiltinModule('node:fs');
const { fileURLToPath } = process.getBuiltinModule('node:url');

type Compile = (this: NodeModule, source: string, filename: string, format: 'module') => void;
// What require() calls for an ES module.
const { _compile } = Module.prototype as unknown as { _compile: Compile };

/**
 * Gives the namespace of an ES module that awaits nothing at its top level, and is evaluated if it is not yet.
 * @param url - a `file:` URL
 */
export function requireOwn<T>(url: URL): T {
  const filename = fileURLToPath(url);
  const module = new Module(filename);
  module.filename = filename;
  Reflect.apply(_compile, module, [readFileSync(filename, 'utf8'), filename, 'module']);
  return module.exports as T;
}
