import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtures, json, node } from './child.js';

const root = resolve(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'aevent-copies-'));
const first = join(dir, 'node_modules/aevent');
const second = join(dir, 'node_modules/library/node_modules/aevent');
const third = join(dir, 'node_modules/old-library/node_modules/aevent');
const main = join(dir, 'main.mjs');
const urlOf = (copy: string, file: string): string => pathToFileURL(join(copy, 'dist/loader', file)).href;

/** A copy of the package as npm installs it, with the version that its files say. */
function layOut(copy: string, version?: string): void {
  mkdirSync(join(copy, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  for (const room of readdirSync(join(root, 'dist'))) {
    const from = join(root, 'dist', room);
    if (room === 'native') symlinkSync(from, join(copy, 'dist', room));
    else cpSync(from, join(copy, 'dist', room), { recursive: true });
  }
  for (const file of version === undefined ? [] : ['base/instance.js', 'base/instance.cjs']) {
    const path = join(copy, 'dist/runtime', file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/"0\.\d+\.\d+"/g, JSON.stringify(version)));
  }
}

function addPackage(name: string, file: string): void {
  const folder = join(dir, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
  cpSync(join(fixtures, 'copies', file), join(folder, 'index.js'));
}

beforeAll(() => {
  layOut(first);
  layOut(second);
  layOut(third, '0.0.9');
  symlinkSync(
    join(root, 'node_modules/import-in-the-middle'),
    join(dir, 'node_modules/import-in-the-middle'),
  );
  addPackage('library', 'library.mjs');
  addPackage('old-library', 'library.mjs');
  cpSync(join(fixtures, 'copies/main.mjs'), main);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const one = {
  'the default export': true,
  'a class': true,
  'an error': true,
  'a facade': true,
  'order of tasks': 'first,second,1',
  'of another context': 2,
  suspends: true,
};

describe('two copies of aevent in one thread', () => {
  it.each([
    ['the first by --import', ['--import', urlOf(first, 'register.js')]],
    ['the second by --import', ['--import', urlOf(second, 'register.js')]],
    [
      'both by -r',
      ['-r', join(second, 'dist/loader/register.cjs'), '-r', join(first, 'dist/loader/register.cjs')],
    ],
    [
      'the second for everything',
      ['--import', urlOf(second, 'auto.js'), '--import', urlOf(first, 'auto.js')],
    ],
    ['the second by --loader', ['--loader', urlOf(second, 'loader.js')]],
  ])('are one instance: %s', async (_, args) => {
    expect(await json([...args, main])).toEqual(one);
  });

  it('are one instance without a flag, where nothing is replaced', async () => {
    expect(await json([main], { AEVENT_WARN: '0' })).toEqual({ ...one, suspends: false });
  });

  it.each([
    ['an import', `import '${urlOf(third, 'index.facade.js')}'`],
    [
      'a require()',
      `import { createRequire } from 'node:module';
      createRequire(import.meta.url)('${join(third, 'dist/loader/index.facade.cjs')}')`,
    ],
    ['its aevent/register', `import '${urlOf(third, 'register.js')}'`],
    [
      'a replaced module of its own',
      `import '${pathToFileURL(join(third, 'dist/monkey/facades/net.js')).href}'`,
    ],
  ])('of which one is too old are an error that names both: %s', async (_, program) => {
    const file = join(dir, 'program.mjs');
    writeFileSync(file, program);
    const { stderr, code } = await node(['--import', urlOf(first, 'register.js'), file]);
    expect(code).toBe(1);
    expect(stderr).toContain('AEVENT_TWO_COPIES');
    expect(stderr).toContain(
      `version ${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version} in ${first}/ runs`,
    );
    expect(stderr).toContain(`version 0.0.9 in ${third}/ was loaded after it`);
    expect(stderr).toContain('npm dedupe');
  });
});
