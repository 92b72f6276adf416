// The stack of an error that a task throws: the whole synchronous call chain, as without aevent.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { afterEach, expect, it } from 'vitest';
import { call } from '../../../dist/runtime/index.js';
import { pause, thrownBy } from '../../support/tools.js';
import { node } from '../child.js';

const { stackTraceLimit, prepareStackTrace } = Error;
afterEach(() => Object.assign(Error, { stackTraceLimit, prepareStackTrace }));

// Suspends at each level, so that the error is thrown on a stack that was put aside several times.
function inner(): never {
  pause();
  throw new Error('from within');
}
const getter = {
  get value(): string {
    pause();
    return [2, 1].sort(function comparator() {
      return inner();
    })[0] as never;
  },
};
function reviver(key: string, value: unknown): unknown {
  pause();
  return key === 'a' ? getter.value : value;
}
function outermost(): unknown {
  return 'x'.replace(/x/, function replacer() {
    pause();
    return JSON.parse('{ "a": 1 }', reviver);
  });
}

// `get value [as value]`, `Object.get [as value]`, `Array.sort`, `inner`
const nameOf = (frame: string): string =>
  / \[as (\w+)\]/.exec(frame)?.[1] ?? (/(\w+)$/.exec(frame)?.[1] as string);
const namesOf = (stack: string): string[] =>
  [...stack.matchAll(/^\s+at (\S.*\w\]?) \(/gm)].map(([, frame]) => nameOf(frame as string));
const ours = ['inner', 'comparator', 'sort', 'value', 'reviver', 'parse', 'replacer', 'replace', 'outermost'];

async function stackOfTask(): Promise<string> {
  const error = (await call(() => thrownBy(outermost))) as Error;
  return error.stack as string;
}

it('has every frame down to the task, builtins included', async () => {
  const names = namesOf(await stackOfTask()).filter((name) => ours.includes(name));
  expect(names).toEqual(ours);
});

it('has as many frames as Error.stackTraceLimit says', async () => {
  for (const limit of [0, 3, 7]) {
    Error.stackTraceLimit = limit;
    expect((await stackOfTask()).split('\n').slice(1)).toHaveLength(limit);
  }
  Error.stackTraceLimit = 100;
  expect(namesOf(await stackOfTask())).toContain('thrownBy');
});

it('is the same in a promise that a task rejects', async () => {
  const error = await call(outermost).catch((reason) => reason);
  expect(namesOf(error.stack).filter((name) => ours.includes(name))).toEqual(ours);
});

it('is given to prepareStackTrace and captureStackTrace', async () => {
  Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFunctionName() ?? '').join();
  expect(await stackOfTask()).toContain('inner,comparator,sort,');
  Error.prepareStackTrace = prepareStackTrace as never;
  const captured = await call(function taker() {
    pause();
    const target = {} as { stack: string };
    Error.captureStackTrace(target);
    return target.stack;
  });
  expect(namesOf(captured)).toContain('taker');
});

it('has the lines of the source with --enable-source-maps', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'aevent-maps-'));
  const runtime = pathToFileURL(join(import.meta.dirname, '../../../dist/runtime/index.js')).href;
  const source = `import { await_, call, tasks } from ${JSON.stringify(runtime)};
interface Something {
  readonly more: string;
}
function thrower(_: Something): never {
  await_(new Promise((resolve) => setTimeout(resolve, 1)));
  throw new Error('mapped');
}
await call(() => [{ more: '' }].map(thrower)).catch((error: Error) => console.log(error.stack));
await call(() => console.log('running', JSON.stringify(tasks().roots)));
`;
  const { code } = transformSync(source, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    sourcemap: 'inline',
    sourcefile: 'original.ts',
  });
  try {
    writeFileSync(join(dir, 'built.mjs'), code);
    const { stdout, stderr } = await node(['--enable-source-maps', join(dir, 'built.mjs')]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Error: mapped\n\s+at .*thrower.*original\.ts:7:9\)\n\s+at Array\.map/m);
    expect(stdout).toMatch(/original\.ts:9:\d+/);
    // What runs in a function without a name has a frame of another form.
    expect(stdout).toMatch(/^running .*original\.ts:10:\d+/m);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
