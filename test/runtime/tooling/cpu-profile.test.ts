// CPU profiles have what runs on carriers. Counts of samples are judged with wide margins, and the fixture
// computes for so much of the processor's time, not of the clock's: the machine may be busy.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { json, node } from '../child.js';

const dir = mkdtempSync(join(tmpdir(), 'aevent-profile-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const fixture = join(import.meta.dirname, 'fixtures/profiled.mjs');

interface Counts {
  inTask: number;
  onMain: number;
}

interface Node {
  id: number;
  children?: number[];
  callFrame: { functionName: string };
}

const FEW = 5;

function expectBoth({ inTask, onMain }: Counts): void {
  expect(inTask).toBeGreaterThan(FEW);
  expect(onMain).toBeGreaterThan(FEW);
}

describe('a CPU profile', () => {
  it('of a session in this thread has what ran in tasks, and no carrier is sampled without one', async () => {
    const report = await json<Record<string, number> & Record<string, Counts>>([fixture, 'sessions']);
    expect(report).toMatchObject({ before: 0, after: 0 });
    expectBoth(report.callbacks as Counts);
    expectBoth(report.promises as Counts);
    expectBoth(report.inATask as Counts);
    expect(report.forced).toBeGreaterThan(FEW);
    expect(report.silenced?.inTask).toBe(0);
  });

  it('of --cpu-prof has them too, with the stack down to the task', async () => {
    const args = [
      '--cpu-prof',
      '--cpu-prof-interval',
      '500',
      '--cpu-prof-name=it.cpuprofile',
      `--cpu-prof-dir=${dir}`,
    ];
    expect((await json<{ samples: number }>([...args, fixture])).samples).toBeGreaterThan(FEW);
    const { nodes, samples } = JSON.parse(readFileSync(join(dir, 'it.cpuprofile'), 'utf8'));
    const parents = new Map<number, Node>();
    for (const node of nodes as Node[]) for (const child of node.children ?? []) parents.set(child, node);
    const chain = (from: Node): string[] => {
      const above = parents.get(from.id);
      return [from.callFrame.functionName, ...(above === undefined ? [] : chain(above))];
    };
    const burning = (nodes as Node[]).filter(({ id }) => samples.includes(id)).map(chain);
    const inTask = burning.filter((names) => names.includes('inTask'));
    expect(inTask.length).toBeGreaterThan(0);
    for (const names of inTask) expect(names).toContain('body');
    expect(burning.some((names) => names.includes('onMain'))).toBe(true);
  });

  it('of whoever attaches to an inspector that is opened later may have them', async () => {
    const { stdout } = await node([fixture, 'opened later']); // stderr tells where it listens
    expect(JSON.parse(stdout).samples).toBeGreaterThan(FEW);
  });

  it('that cannot be noticed is announced by AEVENT_PROFILE=1', async () => {
    expect(await json([fixture])).toEqual({ samples: 0 });
    const { samples } = await json<{ samples: number }>([fixture], { AEVENT_PROFILE: '1' });
    expect(samples).toBeGreaterThan(FEW);
    expect(await json([fixture], { AEVENT_PROFILE: '0' })).toEqual({ samples: 0 });
  });
});

it('--heap-prof tells what tasks have allocated', async () => {
  const source = `import aevent from 'aevent'; import { setImmediate as turn } from 'node:timers/promises';
    globalThis.kept = [];
    function allocateInTask() { for (let i = 0; i < 2000; i++) { kept.push(new Array(200).fill(i)); if (i % 500 === 0) aevent.await_(turn()); } }
    await Promise.all([1, 2, 3].map(() => aevent.call(allocateInTask)));`;
  const args = [
    '--heap-prof',
    '--heap-prof-name=it.heapprofile',
    `--heap-prof-dir=${dir}`,
    '--heap-prof-interval=16384',
  ];
  const { code, stderr } = await node([...args, '--input-type=module', '-e', source]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  interface Heap extends Node {
    selfSize: number;
    children: never;
  }
  const sizes = new Map<string, number>();
  const visit = ({ callFrame, selfSize, children }: Heap): void => {
    sizes.set(callFrame.functionName, (sizes.get(callFrame.functionName) ?? 0) + selfSize);
    for (const child of children as Heap[]) visit(child);
  };
  visit(JSON.parse(readFileSync(join(dir, 'it.heapprofile'), 'utf8')).head);
  const MB = 1024 * 1024;
  expect(sizes.get('allocateInTask')).toBeGreaterThan(2 * MB);
});
