import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Inspected, lineOf } from './cdp.js';
import { instancesIn } from './heap.js';

const file = join(import.meta.dirname, 'fixtures/inspected.mjs');
const PAUSES = 40;
/** What the program does takes up to so long before it begins anew. */
const LONGEST_STEP_MS = 12;

interface Frame {
  functionName: string;
  callFrameId: string;
  location: { lineNumber: number };
  url: string;
}

it('a debugger stops in tasks, steps over suspensions, and sees what parked tasks hold', async () => {
  const program = await Inspected.start([file]);
  await program.post('Runtime.enable');
  await program.post('Debugger.enable');
  while (!(await program.next('Debugger.scriptParsed')).url.endsWith('/inspected.mjs'));
  const breakpointId = await program.breakAt(file, 'BREAK');
  const value = async (frame: Frame, expression: string): Promise<unknown> => {
    const { callFrameId } = frame;
    const { result } = await program.post('Debugger.evaluateOnCallFrame', { callFrameId, expression });
    return result.value;
  };

  // Twice: what was stepped before must not be left in any state.
  for (let round = 0; round < 2; round++) {
    const { callFrames, hitBreakpoints } = await program.next('Debugger.paused');
    expect(hitBreakpoints).toEqual([breakpointId]);
    const names = callFrames
      .map((frame: Frame) => frame.functionName)
      .filter((name: string) => name !== 'sort');
    expect(names.slice(0, 3)).toEqual(['inner', '', 'outer']);
    const local = await value(callFrames[0], 'local');
    expect(local).toMatch(/^step \d+$/);
    expect(await value(callFrames[0], 'local + "!"')).toBe(`${local}!`);

    await program.post('Debugger.stepOver');
    const { callFrames: after } = await program.next('Debugger.paused');
    expect(after[0].functionName).toBe('inner');
    expect(after[0].location.lineNumber).toBe(lineOf(file, 'AFTER'));
    expect(await value(after[0], 'local')).toBe(local);
    await program.post('Debugger.resume');
  }
  await program.post('Debugger.removeBreakpoint', { breakpointId });
  // It may be at the breakpoint once more already.
  await program.post('Debugger.resume').catch(() => {});
  const turn = 'new Promise((resolve) => setTimeout(resolve, 1))';
  await program.post('Runtime.evaluate', { expression: turn, awaitPromise: true });
  program.take('Debugger.paused');

  // At any moment: mostly while the process is idle, at times while stacks are exchanged.
  for (let pause = 0; pause < PAUSES; pause++) {
    await program.post('Debugger.pause');
    expect((await program.next('Debugger.paused')).callFrames.length).toBeGreaterThan(0);
    await program.post('Debugger.resume');
    // Node answers before it goes on, and takes no notice of a pause until it has.
    await program.next('Debugger.resumed');
    await sleep(Math.random() * LONGEST_STEP_MS);
  }
  const burnt = program.post('Runtime.evaluate', { expression: 'burnInTask(20_000)', awaitPromise: true });
  await program.next('Runtime.consoleAPICalled');
  await program.post('Debugger.pause');
  const { callFrames: burns } = await program.next('Debugger.paused');
  expect(burns.map((frame: Frame) => frame.functionName)).toContain('burnInTask');
  await value(burns[0], 'globalThis.isEnough = true');
  await program.post('Debugger.resume');
  await burnt;

  await program.post('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  const chunks = program.take('HeapProfiler.addHeapSnapshotChunk').map(({ chunk }) => chunk);
  expect(instancesIn(chunks.join(''), 'Held')).toBe(20);

  await program.post('Profiler.enable');
  await program.post('Profiler.start');
  await program.post('Runtime.evaluate', { expression: 'burnInTask(300)', awaitPromise: true });
  const { profile } = await program.post('Profiler.stop');
  const burning = profile.nodes.filter(
    ({ callFrame }: { callFrame: Frame }) => callFrame.functionName === 'burnInTask',
  );
  const ids = new Set(burning.map(({ id }: { id: number }) => id));
  expect(profile.samples.filter((id: number) => ids.has(id)).length).toBeGreaterThan(10);

  await program.post('Runtime.evaluate', { expression: 'globalThis.finished = true' });
  expect(await program.ended()).toEqual({ code: 0, stdout: 'went well\n' });
});
