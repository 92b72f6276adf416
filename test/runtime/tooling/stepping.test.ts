import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Inspected } from './cdp.js';

const file = join(import.meta.dirname, 'fixtures/stepped.mjs');
/** Each function that is new and called often is compiled by itself, as soon as can be. */
const compiling = ['--baseline-batch-compilation-threshold=1', file];
const marks = ['INNER', 'AFTER', 'OUTER', 'COMPARE'];
const PAUSES = 40;
/** What a debugger does at each stop: the steps into callbacks, and those over the end of them, are what V8 stumbles over. */
const moves = ['stepOver', 'stepInto', 'stepOut', 'resume', 'stepOver', 'stepOver', 'stepInto'];

it.concurrent.each([
  ['from the start', '--inspect', '', {}],
  ['later, by a signal', '--inspect-port', 'later', {}],
  ['from the start, to tasks that are sliced,', '--inspect', '', { AEVENT_PREEMPT: '0.05' }],
])('a debugger that attaches %s steps through tasks in any way', async (_when, option, argument, env) => {
  const program = await Inspected.start([...compiling, argument], env, option);
  await program.post('Runtime.enable');
  await program.post('Debugger.enable');
  for (const mark of marks) await program.breakAt(file, mark);
  let steps = 0;
  for (let pause = 1; pause <= PAUSES; pause++) {
    const { hitBreakpoints, callFrames } = await program.next('Debugger.paused');
    if (hitBreakpoints.length === 0) steps++;
    // A frame of the core's own would belong to a script that no debugger was told of.
    for (const { location } of callFrames) expect(program.scripts).toContain(location.scriptId);
    await program.post(`Debugger.${moves[pause % moves.length]}`);
  }
  expect(steps).toBeGreaterThan(PAUSES / 4);
  await program.post('Debugger.disable');
  await program.post('Runtime.evaluate', { expression: 'globalThis.finished = true' });
  expect(await program.ended()).toEqual({ code: 0, stdout: 'went well\n' });
});

it.concurrent('a debugger may go while steps are under way in suspended tasks', async () => {
  const program = await Inspected.start(compiling);
  for (let round = 0; round < 8; round++) {
    await program.post('Debugger.enable');
    await program.breakAt(file, 'INNER');
    for (let step = 0; step < 4; step++) {
      await program.next('Debugger.paused');
      // Where it is enabled again before the program has gone on, it tells of the old pause once more.
      const isOver = (error: Error): void => expect(error.message).toContain('while paused');
      await program.post(`Debugger.${moves[(round + step) % moves.length]}`).catch(isOver);
    }
    await program.post('Debugger.disable');
    program.take('Debugger.paused');
  }
  await program.post('Runtime.evaluate', { expression: 'globalThis.finished = true' });
  expect(await program.ended()).toEqual({ code: 0, stdout: 'went well\n' });
});

it.concurrent('evaluates at a breakpoint what computes for long, in code that is sliced', async () => {
  const program = await Inspected.start(compiling, { AEVENT_PREEMPT: '1' });
  await program.post('Runtime.enable');
  await program.post('Debugger.enable');
  await program.breakAt(file, 'INNER');
  const expression = `(() => {
    const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
    const before = aevent.info().preemption.slices;
    fib(29);
    return aevent.info().preemption.slices - before;
  })()`;
  for (let round = 0; round < 10; round++) {
    const { callFrames } = await program.next('Debugger.paused');
    const { callFrameId } = callFrames[0];
    const { result } = await program.post('Debugger.evaluateOnCallFrame', { callFrameId, expression });
    expect(result.value).toBe(0);
    await program.post('Debugger.resume');
  }
  await program.post('Debugger.disable');
  await program.post('Runtime.evaluate', { expression: 'globalThis.finished = true' });
  expect(await program.ended()).toEqual({ code: 0, stdout: 'went well\n' });
});
