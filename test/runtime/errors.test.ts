import { describe, expect, it } from 'vitest';
import { type Ended, json, node } from './child.js';

/** The ways to run one program: as Node does, in tasks, as a whole. */
const ways = {
  native: { flags: [], env: { AEVENT_BACKEND: '' } },
  tasks: { flags: ['--import', 'aevent/register'], env: { TASKS: 'aevent' } },
  auto: { flags: ['--import', 'aevent/auto'], env: {} },
} as const;

describe('an error that nobody catches', () => {
  it('reaches the handlers that it reaches natively, with the same arguments, before and after a suspension', async () => {
    const heard = (way: keyof typeof ways) =>
      json<Record<string, string[]>>([...ways[way].flags, 'errors-heard.mjs'], ways[way].env);
    const native = await heard('native');
    expect(Object.keys(native).length).toBeGreaterThan(300);
    expect(await heard('tasks')).toEqual(native);
    expect(await heard('auto')).toEqual(native);
  });
});

describe('a program that ends', () => {
  const everything = process.env.AEVENT_TORTURE !== undefined;

  /** Stacks are shorter in tasks; numbers and the dumps of an abort differ from run to run. */
  function comparable({ stdout, stderr, code, signal }: Ended): object {
    const shape = stderr
      .replace(/^ {4}at .*\n/gm, '')
      .replace(/\(node:\d+\)/g, '(node)')
      .replace(/pid: \d+/g, 'pid')
      .replace(/^-{5} (Native|JavaScript) [\s\S]*|^ *\d+: 0x[\s\S]*/m, '');
    return { stdout, shape, code, signal };
  }

  async function end(name: string, way: keyof typeof ways): Promise<object> {
    const mode = /^([a-z-]+): /.exec(name)?.[1];
    const flags = mode === undefined ? [] : [`--unhandled-rejections=${mode}`];
    return comparable(await node([...flags, ...ways[way].flags, 'errors-fatal.mjs', name], ways[way].env));
  }

  // A Node has two backends, which share the cases: each is run with one of them, in tasks or as a whole program.
  const part = process.env.AEVENT_BACKEND === 'thread' ? 1 : 0;

  it('ends as it does natively: same output, same exit code', { timeout: 200_000 }, async () => {
    const names = await json<string[]>(['errors-fatal.mjs']);
    expect(names.length).toBeGreaterThan(60);
    const differences: object[] = [];
    const work = [...names.entries()].filter(([index]) => everything || index % 2 === part);
    const worker = async (): Promise<void> => {
      for (let next = work.shift(); next !== undefined; next = work.shift()) {
        const [index, name] = next;
        const native = await end(name, 'native');
        for (const way of everything
          ? (['tasks', 'auto'] as const)
          : ([index & 2 ? 'tasks' : 'auto'] as const)) {
          const ours = await end(name, way);
          if (JSON.stringify(ours) !== JSON.stringify(native)) differences.push({ name, way, native, ours });
        }
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    expect(differences).toEqual([]);
  });
});
