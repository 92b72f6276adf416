import { describe, expect, it } from 'vitest';
import { type Ended, json, node } from '../runtime/child.js';

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
    const [native, tasks, auto] = await Promise.all([heard('native'), heard('tasks'), heard('auto')]);
    expect(Object.keys(native).length).toBeGreaterThan(300);
    expect(tasks).toEqual(native);
    expect(auto).toEqual(native);
  });
});

/** Stacks are shorter in tasks, and so is what Node leaves out of them; numbers and the dumps of an abort differ from run to run. */
function comparable({ stdout, stderr, code, signal }: Ended): object {
  const shape = stderr
    .replace(/^ {4}(at .*|\[\.\.\. lines matching original stack trace \.\.\.\])\n/gm, '')
    .replace(/\(node:\d+\)/g, '(node)')
    .replace(/pid: \d+/g, 'pid')
    .replace(/^-{5} (Native|JavaScript) [\s\S]*|^ *\d+: 0x[\s\S]*/m, '');
  return { stdout: stdout.slice(0, 2000), shape, code, signal }; // one that prints for ever is cut off
}

async function end(name: string, way: keyof typeof ways): Promise<object> {
  const mode = /^([a-z-]+): /.exec(name)?.[1];
  const flags = mode === undefined ? [] : [`--unhandled-rejections=${mode}`];
  return comparable(await node([...flags, ...ways[way].flags, 'errors-fatal.mjs', name], ways[way].env));
}

const names = await json<string[]>(['errors-fatal.mjs']);
// The long form runs each program in each way. Otherwise the two backends of a Node share the programs, and each is run
// in tasks or as a whole.
const everything = process.env.AEVENT_TORTURE !== undefined;
const part = process.env.AEVENT_BACKEND === 'thread' ? 1 : 0;
const work = [...names.entries()].flatMap(([index, name]) => {
  if (everything) return [{ name, chosen: ['tasks', 'auto'] as const }];
  return index % 2 === part ? [{ name, chosen: [index & 2 ? 'tasks' : 'auto'] as const }] : [];
});

// What hangs is killed by node(), one program at a time.
describe.concurrent('a program ends as it does natively, with the same output and exit code', {
  timeout: 200_000,
}, () => {
  it('in more than sixty ways', () => expect(names.length).toBeGreaterThan(60));

  it.each(work)('$name', async ({ name, chosen }) => {
    const native = await end(name, 'native');
    for (const way of chosen) expect({ way, ...(await end(name, way)) }).toEqual({ way, ...native });
  });
});
