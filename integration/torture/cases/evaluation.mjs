// eval, Function, vm and modules.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { nodeMajor } from '../rig.mjs';

const dir = mkdtempSync(join(tmpdir(), 'aevent-torture-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const require = createRequire(join(dir, 'x.js'));
let files = 0;
function file(extension, text) {
  const path = join(dir, `${++files}.${extension}`);
  writeFileSync(path, text);
  return path;
}

// On Node 20 each context has continuation data of its own: after an await, code of another context is in no task.
const afterAwait = nodeMajor < 22 ? '' : 'await null; stop(0);';

const shared = vm.createContext({});
const own = vm.createContext({}, { microtaskMode: 'afterEvaluate' });

export default [
  {
    name: 'eval, direct and indirect, and new Function',
    run: (stop, id) => [
      globalThis.eval('(stop, id) => stop(id) + 1')(stop, id),
      new Function('stop', 'id', 'return stop(id) + 2')(stop, id),
      eval('stop(id) + 3'),
      new (async () => {}).constructor('stop', 'return stop(0)') instanceof Function,
    ],
    expected: (id) => [id + 1, id + 2, id + 3, true],
  },
  {
    name: 'vm.runInThisContext and vm.compileFunction',
    run: (stop, id) => [
      vm.runInThisContext('(stop, id) => stop(id)')(stop, id),
      vm.compileFunction('return stop(id)', ['stop', 'id'])(stop, id),
    ],
    expected: (id) => [id, id],
  },
  {
    name: 'vm.runInNewContext',
    run: (stop, id) =>
      vm.runInNewContext('[stop(id), [3, 1].map((n) => stop(n * id)).join()].join()', { stop, id }),
    expected: (id) => `${id},${3 * id},${id}`,
  },
  {
    name: 'vm context that tasks share, with interceptors of its global',
    run(stop, id) {
      const key = `seen${id}`;
      shared.stop = stop;
      vm.runInContext(`globalThis.${key} = stop(${id}); function f${id}() { return stop(${key}); }`, shared);
      return vm.runInContext(`f${id}() + (typeof ${key} === 'number')`, shared);
    },
    expected: (id) => id + 1,
  },
  {
    name: 'vm context over an object with getters, setters and a Proxy',
    run(stop, id) {
      const sandbox = vm.createContext(
        new Proxy(
          { id },
          { get: (target, key) => (key === 'x' ? stop(target.id) : Reflect.get(target, key)) },
        ),
      );
      return vm.runInContext('x + id', sandbox);
    },
    expected: (id) => id * 2,
  },
  {
    name: 'vm context with a microtask queue of its own (afterEvaluate)',
    run(stop, id) {
      const log = [];
      const context = vm.createContext({ stop, id, log }, { microtaskMode: 'afterEvaluate' });
      vm.runInContext(
        'log.push(stop(id)); Promise.resolve().then(() => log.push(stop("job"))).then(() => log.push(stop("next")))',
        context,
      );
      return log;
    },
    expected: (id) => [id, 'job', 'next'],
  },
  {
    name: 'vm context with a queue of its own, which tasks share',
    run(stop, id) {
      own.stop = stop;
      return vm.runInContext(`(async () => { await null; stop(${id}) })(); stop(${id})`, own);
    },
    expected: (id) => id,
  },
  {
    name: 'JSON, Array and Promise of a vm context',
    run(stop, id) {
      const context = vm.createContext({ stop, id });
      return vm.runInContext(
        `JSON.parse('[1]', (key, value) => stop(value)).concat([id, 1].sort((a, b) => stop(a - b)), 'x'.replace(/x/, () => stop('y'))).join()`,
        context,
      );
    },
    expected: (id) => [1, ...[id, 1].sort(), 'y'].join(),
  },
  {
    name: 'joins of nested arrays in a vm context that tasks share',
    run(stop, id) {
      shared.stop = stop;
      return vm.runInContext(`String([1, [2, [3, [4, [5, { toString: () => stop('${id}') }]]]]])`, shared);
    },
    expected: (id) => `1,2,3,4,5,${id}`,
  },
  {
    name: 'vm.Script with a timeout',
    refused: /vm/,
    run: (stop, id) => vm.runInNewContext('stop(id)', { stop, id }, { timeout: 5000 }),
    expected: (id) => id,
  },
  {
    name: 'vm.SyntheticModule and SourceTextModule',
    needs: typeof vm.SourceTextModule === 'function',
    async run(stop, id) {
      const synthetic = new vm.SyntheticModule(['value'], () => synthetic.setExport('value', stop(id)));
      const module = new vm.SourceTextModule(
        `import { value } from 'x'; export default stop(value) + 1;${afterAwait}`,
        { context: vm.createContext({ stop }) },
      );
      const inContext = new vm.SyntheticModule(['value'], () => inContext.setExport('value', stop(id)), {
        context: module.context,
      });
      await synthetic.link(() => {});
      await module.link(() => inContext);
      await synthetic.evaluate();
      await module.evaluate();
      return [synthetic.namespace.value, module.namespace.default];
    },
    expected: (id) => [id, id + 1],
  },
  {
    name: 'require() of a module',
    refused: /require\(\) is evaluating a module/,
    run(stop, id) {
      const path = file('cjs', 'module.exports = globalThis.tortureStop(1)');
      globalThis.tortureStop = stop;
      return require(path) + id;
    },
  },
  {
    name: 'functions and getters of a module that was required',
    run(stop, id) {
      const module = require(commonjs);
      return [module.call(stop, id), Object.getOwnPropertyDescriptor(module, 'value').get.call({ stop, id })];
    },
    expected: (id) => [id, id],
  },
  {
    name: 'require.extensions',
    run(stop, id) {
      require.extensions[`.torture${id}`] ??= (module) => {
        module.exports = 1;
      };
      return stop(require(file(`torture${id}`, ''))) + id;
    },
    expected: (id) => id + 1,
  },
  {
    name: 'import() of a module that suspends at its top level',
    async run(stop, id) {
      globalThis.tortureStop = stop;
      const { value } = await import(file('mjs', `export const value = globalThis.tortureStop(${id})`));
      return value;
    },
    expected: (id) => id,
  },
  {
    name: 'getters on a module namespace: export default of an object',
    async run(stop, id) {
      const namespace = await import(commonjs);
      return namespace.default.call(stop, id);
    },
    expected: (id) => id,
  },
  {
    name: 'import attributes and specifiers that are objects',
    async run(stop, id) {
      const module = await import({ toString: () => stop('node:path') });
      return module.sep + id;
    },
    expected: (id) => `/${id}`,
  },
];

const commonjs = file(
  'cjs',
  'module.exports = { call: (stop, id) => stop(id), get value() { return this.stop(this.id); } };',
);
