import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { binaryName, loadNative } from '../../../dist/runtime/native/load.js';
// @ts-expect-error: a plain script, for it runs before TypeScript is built
import * as build from '../../../runtime/native/build.mjs';

const root = resolve(import.meta.dirname, '../../..');

test('looks for the file that the build writes', () => {
  const { platform, arch, versions } = process;
  const libc = platform === 'linux' ? 'glibc' : '';
  expect(binaryName()).toContain(`abi${versions.modules}`);
  expect([
    build.binaryName({ platform, arch, libc, abi: versions.modules }),
    build.binaryName({ platform, arch, libc: 'musl', abi: versions.modules }),
  ]).toContain(binaryName());
  expect(build.binaryName(build.targetOf())).toBe(binaryName());
});

test('loads the core once', () => {
  expect(loadNative()).toBe(loadNative());
  expect(loadNative().unsupported('thread')).toBe('');
});

test.each([
  [['--no-addons'], /^The option --no-addons forbids .*Leave it out/],
  ...(process.allowedNodeEnvironmentFlags.has('--permission')
    ? [[['--permission', '--allow-fs-read=*'], /^Node's permission model forbids .*--allow-addons/] as const]
    : []),
])('names what forbids to load the core: %j', (args, message) => {
  const url = pathToFileURL(join(root, 'dist/runtime/native/load.js')).href;
  const script = `import(${JSON.stringify(url)}).then(({ loadNative }) => {
    try { loadNative(); } catch (error) { console.log(error.message); }
  })`;
  const said = execFileSync(process.execPath, [...args, '-e', script], { encoding: 'utf8' });
  expect(said).toMatch(message);
  expect(said).toMatch(/only backend that works without it is native/);
});

test('loads the core into a worker as well, and outlives it', async () => {
  const url = pathToFileURL(join(root, 'dist/runtime/native/load.js')).href;
  const script = `import(${JSON.stringify(url)}).then(({ loadNative }) =>
    require('node:worker_threads').parentPort.postMessage(loadNative().unsupported('thread')))`;
  const worker = new Worker(script, { eval: true });
  const answer = await new Promise((done, fail) => worker.once('message', done).once('error', fail));
  await worker.terminate();
  expect(answer).toBe('');
  expect(loadNative().unsupported('thread')).toBe('');
});

describe('without a binary that fits', () => {
  let dir: string;
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function runInCopy(script: string, prepare: (nativeDir: string) => void = () => {}, backend = 'fiber') {
    dir = mkdtempSync(join(tmpdir(), 'aevent-load-'));
    for (const room of ['runtime', 'loader', 'monkey']) {
      cpSync(join(root, 'dist', room), join(dir, 'dist', room), { recursive: true });
    }
    mkdirSync(join(dir, 'dist/native'));
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(dir, 'main.js'), script);
    prepare(join(dir, 'dist/native'));
    const env = { ...process.env, AEVENT_BACKEND: backend };
    return JSON.parse(execFileSync(process.execPath, [join(dir, 'main.js')], { env, encoding: 'utf8' }));
  }

  const reportError = `
    import { loadNative } from './dist/runtime/native/load.js';
    try { loadNative(); } catch ({ code, message, cause }) {
      console.log(JSON.stringify({ code, message, cause: cause.code }));
    }`;

  test('the error names the file and how to build it', () => {
    const error = runInCopy(reportError);
    expect(error).toMatchObject({ code: 'AEVENT_NO_BINARY', cause: 'ERR_DLOPEN_FAILED' });
    expect(error.message).toContain(join(dir, 'dist/native', binaryName()));
    expect(error.message).toContain('was not found');
    expect(error.message).toMatch(/runtime\/native\/build\.mjs.*C\+\+ compiler.*AEVENT_BACKEND=native/);
  });

  test('a broken file is not called missing', () => {
    const error = runInCopy(reportError, (nativeDir) =>
      writeFileSync(join(nativeDir, binaryName()), 'not an addon'),
    );
    expect(error).toMatchObject({ code: 'AEVENT_NO_BINARY', cause: 'ERR_DLOPEN_FAILED' });
    expect(error.message).toContain('could not be loaded');
  });

  test('the error says that the file system is mounted noexec, where dlopen() says so', () => {
    const refusing = `process.dlopen = (module, file) => {
      throw Object.assign(new Error(file + ': failed to map segment from shared object'), { code: 'ERR_DLOPEN_FAILED' });
    };`;
    // Before aevent is there: it takes the function that it finds.
    const first = `import ${JSON.stringify(`data:text/javascript,${encodeURIComponent(refusing)}`)};`;
    const { code, message } = runInCopy(`${first}${reportError}`);
    expect(code).toBe('AEVENT_NO_BINARY');
    expect(message).toMatch(/may not be executed: .*failed to map segment.*noexec.*AEVENT_BACKEND=native/);
  });

  test('the error tells which Nodes and systems have one, as in node_modules of another system', () => {
    const { code, message } = runInCopy(reportError, (nativeDir) => {
      for (const name of ['darwin-arm64-abi137', 'linux-x64-musl-abi115', 'linux-x64-musl-abi131'])
        writeFileSync(join(nativeDir, `aevent-${name}.node`), '');
    });
    expect(code).toBe('AEVENT_NO_BINARY');
    expect(message).toContain(
      'there are those for Node 24 on darwin-arm64; Node 20, ABI 131 on linux-x64-musl. Build it with',
    );
  });

  test('where there is none to be had, on Windows, one warning says that every call blocks, and programs run', () => {
    const script = `
      Object.defineProperty(process, 'platform', { value: 'win32' });
      const warnings = [];
      process.on('warning', ({ code, message }) => warnings.push([code, message]));
      const { default: aevent } = await import('./dist/runtime/index.js');
      const values = [await aevent.run(() => 42), await aevent.call(() => aevent.hasPortal())];
      await new Promise(setImmediate);
      console.log(JSON.stringify({ values, backend: aevent.info().backend, warnings }));`;
    const { values, backend, warnings } = runInCopy(script, undefined, '');
    expect([values, backend]).toEqual([[42, false], 'native']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0][0]).toBe('AEVENT_BLOCKS');
    expect(warnings[0][1]).toMatch(/aevent-win32-.*was not found/);
  });

  test('the backend native does without', () => {
    const script = `
      import aevent from './dist/runtime/index.js';
      console.log(await aevent.run(() => 42));`;
    expect(runInCopy(script, undefined, 'native')).toBe(42);
  });
});
