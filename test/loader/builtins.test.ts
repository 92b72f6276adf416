import * as nodeModule from 'node:module';
import { describe, expect, it } from 'vitest';
import { json, natives, node } from './child.js';

const register = ['--import', 'aevent/register'];
const [major = 0] = process.versions.node.split('.').map(Number);

describe.concurrent('a replaced module', () => {
  it('is one object, whoever asks for it, and may be changed for Node itself, too', async () => {
    const facts = (await json([...register, 'identity.mjs'])) as Record<string, boolean>;
    expect(Object.keys(facts).filter((fact) => !facts[fact])).toEqual([]);
  });

  it.each(['aevent/register', 'aevent/auto'])(
    'is loaded after the program has taken the iterator of arrays away: %s',
    async (door) => {
      expect(await json(['--import', door, 'no-array-iterator.cjs'])).toEqual([]);
    },
  );

  it('is refused for what is no name, as natively', async () => {
    const code = `const errors = [];
      for (const ask of [require, process.getBuiltinModule, require('module').createRequire('/x')])
        for (const id of [undefined, null, 5, {}, '', 'none such', 'node:none'])
          try { errors.push(ask(id) === undefined); }
          catch ({ name, message, code }) { errors.push(name, message.split('\\n')[0], code); }
      console.log(JSON.stringify(errors));`;
    const natively = await json(['--eval', code]);
    expect(await json([...register, '--eval', code])).toEqual(natively);
    expect(await json(['--import', 'aevent/auto', '--eval', code])).toEqual(natively);
  });

  it('can be required while it is being imported', async () => {
    expect(await natives([...register, 'at-once.mjs'])).toEqual([]);
  });

  it.each(['aevent', 'aevent/threading'])('can be required while %s is being imported', async (entry) => {
    const code = `const imported = import('${entry}');
      const names = ['fs', 'child_process', 'net', 'http', 'dns', 'crypto', 'zlib', 'stream', 'events', 'readline', 'dgram',
        'tls', 'https', 'http2', 'cluster', 'worker_threads', 'timers'];
      (async () => {
        for (const name of names) await require(name);
        console.log(Object.keys(await imported).length > 0);
      })();`;
    const { stdout, stderr } = await node([...register, '--eval', code]);
    expect(stdout + stderr).toBe('true\n');
  });

  const compiles = ['--require', './compiles.cjs'];
  it.each([
    ['before it', [...compiles, ...register]],
    ['after it', [...register, ...compiles]],
    ['before --require aevent/register', [...compiles, '--require', 'aevent/register']],
    ['before --require aevent/auto', [...compiles, '--require', 'aevent/auto']],
  ])('is there once, where a hook that comes %s makes CommonJS of what is required', async (_, args) => {
    expect(await natives([...args, 'forms.cjs'])).toEqual([]);
    const code = `const { run } = require('aevent');
      let ticks = 0;
      setInterval(() => ticks++, 1).unref();
      run(() => require('child_process').execSync('sleep 0.1')).then(async () => {
        console.log(ticks > 0, (await import('aevent')).run === run);
      });`;
    const { stdout, stderr } = await node([...args, '--eval', code]);
    expect(stdout + stderr).toBe('true true\n');
  });

  it.each(['forms.cjs', 'forms.mjs'])(
    'is loaded by require() where nothing else compiles ES modules: %s',
    async (file) => {
      // Node warns of the syntax.
      const { stdout } = await node(['--no-warnings', '--require', './no-format.cjs', ...register, file]);
      expect(new Set(Object.values(JSON.parse(stdout)))).toEqual(new Set(['ours']));
    },
  );

  // Each of the two parts and `tls` load the other: some names of `tls` stay undefined.
  it.each(['_tls_common', '_tls_wrap'])('is loaded and has what Node gives it after %s', async (part) => {
    const code = `require('${part}'); const tls = require('tls');
      console.log(Object.entries(tls).filter(([, value]) => value === undefined).map(([name]) => name).sort())`;
    const natively = await node(['--no-deprecation', '--eval', code]);
    expect(natively.code).toBe(0);
    expect(await node([...register, '--no-deprecation', '--eval', code])).toEqual(natively);
  });

  it.skipIf(!('registerHooks' in nodeModule))("gives way to another hook's module", async () => {
    expect(await json([...register, 'other-hook.cjs'])).toEqual(['builtin', 'hook', 'hook']);
  });

  it('is what the globals come from', async () => {
    const code = 'require("./report.cjs").report({ setTimeout, setImmediate, setInterval })';
    expect(await natives([...register, '--eval', code])).toEqual([]);
  });

  // Node 20 asks the hooks thread for a required ES module, and then treats the facade as CommonJS.
  it.skipIf(major < 22)('is what an ES module gets that is itself required', async () => {
    expect(await natives([...register, 'require-esm.cjs'])).toEqual([]);
  });
});

describe.concurrent('the loader', () => {
  it('takes few of the ten places that the stack trace of a required module has', async () => {
    const { stdout } = await node([...register, 'stack.cjs']);
    expect(JSON.parse(stdout).filter((frame: string) => frame.includes('/dist/'))).toHaveLength(3);
  });

  it.each([
    ['--eval', ['--eval'], '.cjs'],
    ['--eval of an ES module', ['--input-type=module', '--eval'], '.mjs'],
  ])('serves %s', async (_, args, extension) => {
    const code = extension === '.mjs' ? 'import "./forms.mjs"' : 'require("./forms.cjs")';
    expect(await natives([...register, ...args, code])).toEqual([]);
  });

  it('serves a program on stdin', async () => {
    expect(await natives([...register, '-'], {}, 'require("./forms.cjs")')).toEqual([]);
  });

  it.each([
    ['--import', []],
    // Node runs no `--import` in a worker that evaluates a string.
    ['-r', ['Worker eval']],
  ])('is inherited by workers and by forked processes: %s', async (option, more) => {
    expect(await json([option, 'aevent/register', 'inherit.mjs', ...more])).toEqual({
      'Worker forms.mjs': [],
      'fork forms.mjs': [],
      'Worker forms.cjs': [],
      'fork forms.cjs': [],
      ...(more.length > 0 && { 'Worker eval': [] }),
    });
  });

  it.each([
    ['-r and --import', ['-r', 'aevent/register', ...register, '--import', 'aevent/auto']],
    // Not with `-r`, too: with `--loader` Node 22 preloads no ES module that imports another.
    ['--import and --loader', [...register, '--loader', 'aevent/loader', '--import', 'aevent/auto']],
  ])('may be asked for in several ways at once: %s', async (_, args) => {
    expect(await natives([...args, 'forms.mjs'])).toEqual([]);
    expect(await natives([...args, 'forms.cjs'])).toEqual([]);
  });

  it.each([
    ['--import', 'aevent/register'],
    ['--import', 'aevent/auto'],
    ['--loader', 'aevent/loader'],
    ['-r', 'aevent/register'],
    ['-r', 'aevent/auto'],
  ])(
    'replaces nothing, and says so once, where Node may not require ES modules: %s %s',
    async (option, way) => {
      const code = `import fs from 'fs'; import { createRequire } from 'module';
      console.log(fs === createRequire(import.meta.url)('fs'), Symbol.for('aevent.orig') in fs.readFileSync);`;
      const args = ['--no-experimental-require-module', option, way, '--input-type=module', '--eval', code];
      const { code: exitCode, stdout, stderr } = await node(args);
      expect([exitCode, stdout]).toEqual([0, 'true false\n']);
      // An entry point that is no file imports nothing for `--loader`.
      if (option === '--loader') return;
      expect(stderr.match(/\[AEVENT_\w+\]/g)).toEqual(['[AEVENT_NO_REQUIRE_ESM]']);
      expect(stderr).toMatch(/replaces nothing in this process: .* Leave that flag out\./);
    },
  );

  it('has its tools, and each backend, where Node may not require ES modules', async () => {
    const code = `const section = () => console.log(Object.keys(process.report.getReport().aevent).length > 0);
      setTimeout(section, 100);`;
    const args = ['--no-experimental-require-module', '--import', 'aevent/auto', '--eval', code];
    for (const backend of ['fiber', 'thread']) {
      const ended = await node(args, { AEVENT_BACKEND: backend, AEVENT_DEBUG: 'tasks', AEVENT_WARN: '0' });
      expect(ended.stdout + ended.stderr.replace(/^.*AEVENT_NO_REQUIRE_ESM.*\n.*\n/, '')).toBe('true\n');
    }
  });

  it('loads no addon and no package before the program needs one', async () => {
    const found = (await json([...register, 'cold.mjs'], { AEVENT_BACKEND: '' })) as {
      addons: string[];
      packages: string[];
    };
    expect(found.addons).toEqual([]);
    // The hooks thread of Node 20 sees no wrapper, so the net for them is spread at once.
    if (major >= 22) expect(found.packages).toEqual([]);
  });

  it.each([
    ['before', ['--import', './agent.mjs', ...register]],
    ['after', [...register, '--import', './agent.mjs']],
  ])('gets along with an agent that shares import-in-the-middle and comes %s it', async (_, args) => {
    expect(await natives([...args, 'forms.mjs'])).toEqual([]);
    expect(await natives([...args, 'forms.cjs'])).toEqual([]);
  });
});

describe.concurrent('aevent.setup() without a flag', () => {
  it('installs the loader for what is imported after it', async () => {
    expect(await json(['setup.mjs'])).toEqual({
      'imported before': 'native',
      'required by a module that was imported before': 'ours',
      'imported after': 'ours',
      'imported by a module that is imported after': 'ours',
      'imported by a CommonJS module after': 'ours',
      global: 'ours',
    });
  });

  const excluded = {
    'import fs': 'native',
    'require fs': 'native',
    'getBuiltinModule fs': 'native',
    'import child_process': 'ours',
    'require child_process': 'ours',
  };
  const exclude = '{"exclude":["fs"]}';
  it.each<[string, string[]]>([
    ['exclude', [exclude]],
    ['exclude, once it was required', [exclude, 'require-first']],
    ['include', ['{"include":["child_process"]}']],
  ])('leaves alone what is not wanted: %s', async (_, options) => {
    expect(await json(['choice.mjs', ...options])).toEqual(excluded);
    expect(await json([...register, 'choice.mjs', ...options])).toEqual(excluded);
    expect(await json(['--loader', 'aevent/loader', 'choice.mjs', ...options])).toEqual(excluded);
  });
});

describe.concurrent('aevent/loader', () => {
  const loader = ['--loader', 'aevent/loader'];

  it('keeps hashbang, line numbers and import.meta.main of an ES entry point', async () => {
    expect(await json([...loader, 'hashbang.mjs'])).toEqual(await json(['hashbang.mjs']));
  });

  it('keeps require.main of a CommonJS entry point', async () => {
    expect(await json([...loader, 'main.cjs'])).toEqual(await json(['main.cjs']));
  });

  it('lets a CommonJS entry point import itself', async () => {
    expect(await json([...loader, 'imports-itself.cjs'])).toEqual(await json(['imports-itself.cjs']));
  });
});
