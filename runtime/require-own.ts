/**
 * Loads aevent's own ES modules at once. Node's require() would do, but for those who put one of their own in its place
 * (`Module._extensions`: tsx, ts-node, Babel's register, …): they would make CommonJS of them, and other instances.
 *
 * Evaluated before anything else of aevent is read: it must stay free of imports.
 */
const { createRequire, Module } = process.getBuiltinModule('node:module');
const { readFileSync } = process.getBuiltinModule('node:fs');
const { fileURLToPath } = process.getBuiltinModule('node:url');

type Compile = (this: NodeModule, source: string, filename: string, format: 'module') => void;
// What require() calls in the end, on every Node so far.
const { _compile } = Module.prototype as unknown as { _compile: Compile };

let compiles = true;

/** False where Node's require() alone can load them. */
export function compilesOwn(): boolean {
  return compiles;
}

/**
 * Gives the namespace of an ES module that awaits nothing at its top level, and is evaluated if it is not yet.
 * @param url - a `file:` URL
 */
export function requireOwn<T>(url: URL): T {
  const filename = fileURLToPath(url);
  if (!compiles) return createRequire(url)(filename) as T;
  const module = new Module(filename);
  module.filename = filename;
  try {
    Reflect.apply(_compile, module, [readFileSync(filename, 'utf8'), filename, 'module']);
  } catch (error) {
    // To CommonJS an `import` is one: what compiles knows nothing of formats.
    if (!(error instanceof SyntaxError)) throw error;
    compiles = false;
    return requireOwn(url);
  }
  return module.exports as T;
}
