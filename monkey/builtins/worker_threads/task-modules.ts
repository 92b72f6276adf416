// The modules of a thread that is a task. CommonJS: `Module._cache` is a proxy that shows each thread its own cache, by
// async context. ES modules: their URLs have a mark in the query, which imports inherit (loader/resolve/task-worker-urls.ts).
import { builtin, ofProcess } from '../../../runtime/base/builtins.js';
import { AeventError, invalidArgument } from '../../../runtime/base/errors.js';
import { type Container, containerOf } from '../../../runtime/suspension/containment.js';

type Module = NodeModule & { _compile(source: string, filename: string): unknown };
interface ModuleClass {
  new (id: string): Module;
  _cache: NodeJS.Dict<NodeModule>;
  _load(request: string, parent?: null, isMain?: boolean): unknown;
  _nodeModulePaths(from: string): string[];
  wrap(source: string): string;
}

const Module = builtin<{ Module: ModuleClass }>('module').Module;
const fs = builtin<typeof import('node:fs')>('fs');
const path = builtin<typeof import('node:path')>('path');
const { fileURLToPath, pathToFileURL } = builtin<typeof import('node:url')>('url');
const { Script } = builtin<typeof import('node:vm')>('vm');

/** The program of a thread. */
export interface Program {
  /** Undefined: source text. */
  readonly filename: string | undefined;
  readonly source: string | undefined;
  /** Whether `require()` can load it; if not, only `import()` can, or knows. */
  readonly isCommonJs: boolean;
}

/**
 * Takes what was given to `new Worker()`.
 * @returns undefined for what Node refuses
 * @throws {@link AeventError} `AEVENT_NO_MODULE_INSTANCES` for an ES module where those cannot be had twice
 * @throws TypeError `AEVENT_INVALID_OPTIONS` for a `data:` URL
 */
export function programOf(file: unknown, isSource: boolean): Program | undefined {
  if (isSource) {
    return typeof file === 'string' ? { filename: undefined, source: file, isCommonJs: true } : undefined;
  }
  const filename = filenameOf(file);
  if (filename === undefined) return undefined;
  const isCommonJs = canRequire(filename);
  if (!isCommonJs && !importsAreSeparate()) {
    throw new AeventError(
      'AEVENT_NO_MODULE_INSTANCES',
      `new Worker('${filename}', { task: true }): this is an ES module, and instances of its own need ` +
        'module.registerHooks (Node 22.15 and later) and `--import aevent/register`. Make it CommonJS, or leave `task` out.',
    );
  }
  return { filename, source: undefined, isCommonJs };
}

/** Runs a program's top level, in the current context. */
export function evaluate({ filename, source, isCommonJs }: Program, { mark }: Container): unknown {
  if (source !== undefined) return compile(source);
  if (isCommonJs) return void Module._load(filename as string, null, false);
  return import(`${pathToFileURL(filename as string).href}?${mark}`);
}

let separate = false;

/** Has `require()` look into the cache of the thread that calls it, from now on. */
export function separateModules(): void {
  if (separate) return;
  separate = true;
  const traps: Record<string, unknown> = {};
  for (const [name, operation] of Object.entries(Object.getOwnPropertyDescriptors(Reflect))) {
    if (typeof operation.value !== 'function') continue;
    traps[name] = (cache: object, ...args: unknown[]) =>
      operation.value(containerOf()?.cache ?? cache, ...args);
  }
  Module._cache = new Proxy(Module._cache, traps as ProxyHandler<typeof Module._cache>);
}

function compile(source: string): void {
  const filename = path.join(ofProcess.cwd(), '[worker eval]');
  const module = new Module('[worker eval]');
  module.filename = filename;
  module.paths = Module._nodeModulePaths(ofProcess.cwd());
  module._compile(source, filename);
}

function filenameOf(file: unknown): string | undefined {
  if (file instanceof URL) {
    if (file.protocol === 'file:') return fileURLToPath(file);
    if (file.protocol !== 'data:') return undefined;
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      'new Worker(data:…, { task: true }): only files can be tasks.',
    );
  }
  if (typeof file !== 'string' || !(path.isAbsolute(file) || /^\.\.?[\\/]/.test(file))) return undefined;
  return path.resolve(file);
}

function importsAreSeparate(): boolean {
  const loader = (globalThis as { [key: symbol]: { via?: string } | undefined })[Symbol.for('aevent.loader')];
  return loader?.via === 'module.registerHooks';
}

/** Where in doubt, `import()` decides, if it can. */
function canRequire(filename: string): boolean {
  const extension = path.extname(filename);
  if (extension !== '.js') return !['.mjs', '.mts', '.ts', '.cts'].includes(extension);
  const type = packageType(path.dirname(filename));
  return type === undefined ? !importsAreSeparate() && compiles(filename) : type !== 'module';
}

function packageType(directory: string): unknown {
  for (let at = directory; ; at = path.dirname(at)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8')).type;
    } catch {
      // None here, or one that Node will complain about.
    }
    if (at === path.dirname(at) || path.basename(at) === 'node_modules') return undefined;
  }
}

function compiles(filename: string): boolean {
  try {
    new Script(Module.wrap(fs.readFileSync(filename, 'utf8')), { filename });
    return true;
  } catch (error) {
    // A path that names no file, or no JavaScript, ends the thread.
    return !(error instanceof SyntaxError) || !/import|export|await/.test(error.message);
  }
}
