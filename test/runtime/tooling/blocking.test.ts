// What blocks the event loop is seen while it does so. Times are only compared with what the same run was to take.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { node } from '../child.js';

const fixture = join(import.meta.dirname, 'fixtures/blocks.mjs');

interface Place {
  place: string;
  call?: string;
  count: number;
  task?: string;
  why: string;
  stack: string;
}

interface Report {
  on: boolean;
  isLong: boolean;
  places: Place[];
  messages: [call: string | null, task: string | null, long: boolean, started: boolean][];
}

async function blocks(
  how: string,
  env: NodeJS.ProcessEnv = { AEVENT_DEBUG: 'blocking=40' },
  ms = 250,
): Promise<Report & { stderr: string; code: number | null }> {
  const { stdout, stderr, code } = await node(['--import', 'aevent/register', fixture, how, `${ms}`], env);
  return { ...(stdout === '' ? ({} as Report) : (JSON.parse(stdout) as Report)), stderr, code };
}

const placeOf = ({ places }: Report, start: string): Place | undefined =>
  places.find(({ place }) => place.startsWith(start));

describe('what blocks the loop', () => {
  it('is named with the call, the task, the place and what to do; once a place', async () => {
    const report = await blocks('all');
    expect(report.isLong).toBe(true);
    expect(placeOf(report, 'Timeout.onTimer')).toMatchObject({ call: 'child_process.execSync', count: 2 });
    expect(placeOf(report, 'Timeout.onTimer')?.why).toMatch(/^It belongs to no task: .*aevent\/auto/);
    const computing = report.places.find(({ task }) => task === 'computing#1');
    expect(computing?.call).toBeUndefined();
    // On a busy machine the interrupt may come late, as after a native call.
    expect(computing?.why).toMatch(/^It computes|^What cannot be interrupted/);
    expect(computing?.stack).toContain('at computes');
    const careful = report.places.find(({ task }) => task === 'careful#2');
    expect(careful).toMatchObject({ call: 'child_process.execSync' });
    expect(careful?.why).toMatch(/aevent\.native\(\)/);
    expect(report.places.some(({ task }) => task === 'suspends#3')).toBe(false);
    expect(report.messages).toContainEqual(['child_process.execSync', 'careful#2', true, true]);
    expect(report.messages).toContainEqual([null, 'computing#1', true, true]);
    // Before the first task.
    expect(report.messages).toContainEqual(['child_process.execSync', null, true, true]);
    // Neither Node's frames nor aevent's, where there are any of the program's.
    const ofProgram = report.places.filter(({ stack }) => stack.includes('blocks.mjs'));
    expect(ofProgram.length).toBeGreaterThan(1);
    for (const { stack } of ofProgram) expect(stack).not.toMatch(/node:|\/dist\//);
    const said = report.stderr.match(
      /aevent: the event loop was blocked for \d+ ms by child_process.execSync, in no task, at\n {4}at Timeout/g,
    );
    expect(said).toHaveLength(1);
    expect(report.stderr).toMatch(
      /blocked for \d+ ms, in the task computing#1, at\n(?: {4}at steps .*\n)* {4}at computes \(.*blocks\.mjs:\d+:\d+\)\n/,
    );
  });

  it('is seen from setup({ blocking }), too', async () => {
    const report = await blocks('task', { WATCH: '40' });
    expect(report.on).toBe(true);
    expect(report.places.some(({ task }) => task === 'computing#1')).toBe(true);
  });

  it('is not watched unless that is asked for, or any more', async () => {
    const ms = 80;
    expect(await blocks('all', {}, ms)).toMatchObject({ on: false, stderr: '', messages: [] });
    expect(await blocks('off', undefined, ms)).toMatchObject({ on: false, messages: [] });
  });

  // V8 may take the interrupt of a compiled loop only when that has ended, in the line after it.
  it('is said although the process ends there, and an error changes nothing', { retry: 2 }, async () => {
    const exits = await blocks('exits');
    expect(exits.code).toBe(0);
    expect(exits.stderr).toMatch(/blocked for \d+ ms, in no task, at\n(?: {4}at .*\n)* {4}at computes/);
    const throws = await blocks('throws');
    expect(throws.code).toBe(1);
    expect(throws.stderr).toMatch(/blocked for[\s\S]*at computes/);
    expect(throws.stderr).toContain('Error: thrown');
  });

  it('is found in a regular expression, and the match is right', async () => {
    const report = await blocks('regexp');
    expect(report.places.some(({ task }) => task === 'matching#1')).toBe(true);
  });

  it('is said to be what had returned, where a native call is the last that is done, or others follow', async () => {
    const wanted = [
      ['a callback of processTimers (node:internal/timers)', undefined],
      ['atEnd (which had just ended, or suspended)', 'atEnd#1'],
      ['before (file:', 'before#2'],
      ['onTimer (which had just ended, or suspended)', undefined],
    ] as const;
    const returned = /^What cannot be interrupted had just returned there, or in the lines before/;
    const missing = (report: Report): unknown[] =>
      wanted.filter(([start, task]) => {
        const place = placeOf(report, start);
        return (
          place === undefined || place.call !== undefined || place.task !== task || !returned.test(place.why)
        );
      });
    let report = await blocks('returned');
    // On a busy machine something else may have blocked as long in the same turn.
    for (let tries = 0; tries < 2 && missing(report).length > 0; tries++) report = await blocks('returned');
    expect(missing(report)).toEqual([]);
    expect(report.stderr).toMatch(/blocked for \d+ ms, in the task atEnd#1, at\n {4}at atEnd \(which /);
  });

  it("is not aevent's own code that learns where a slice can be taken", async () => {
    const ofLearning = async (): Promise<unknown[]> => {
      const { places } = await blocks('learns', { AEVENT_DEBUG: 'blocking=0.5' });
      return places.filter(({ stack }) => stack.includes('<anonymous>:'));
    };
    let found = await ofLearning();
    // A machine that stands still may do so there.
    for (let i = 0; i < 3 && found.length > 0; i++) found = await ofLearning();
    expect(found).toEqual([]);
  });

  it('may have hostile names, and a program may format stacks', async () => {
    const report = await blocks('hostile');
    expect(report.stderr).toContain('</script>');
    expect(report.stderr).not.toMatch(/[^\P{Cc}\n]/u);
    const formatted = await blocks('formatted');
    expect(formatted.code).toBe(0);
    expect(formatted.places.length).toBeGreaterThan(0);
  });

  it('is each callback that did so, where several have kept one turn of the loop', async () => {
    const { places } = await blocks('shared');
    expect(places.some(({ stack }) => stack.includes('at computes'))).toBe(true);
    expect(places.find(({ call }) => call === 'Atomics.wait')?.stack).toContain('at waitNatively');
  });

  it('tells of what is excluded', async () => {
    const { places } = await blocks('excluded');
    expect(places.find(({ call }) => call === 'child_process.execSync')?.why).toMatch(
      /setup\(\{ exclude \}\)/,
    );
  });

  it('is found beside thousands of tasks, and in Workers', async () => {
    // All in one turn of the loop, if the machine is slow: what takes longest is not all that is named.
    const { places } = await blocks('many');
    expect(places.some(({ stack }) => stack.includes('at computes'))).toBe(true);
    const { stderr, code } = await blocks('worker');
    expect({ stderr, code }).toEqual({
      stderr: expect.stringMatching(/in the task inWorker#1, at\n(?: {4}at steps .*\n)* {4}at computes/),
      code: 0,
    });
  });

  it('is not watched for a limit that makes no sense', async () => {
    const { stdout } = await node(['--import', 'aevent/register', fixture, 'wrong']);
    const errors = JSON.parse(stdout) as [string, string, string][];
    expect(errors).toHaveLength(6);
    for (const [name, code, message] of errors) {
      expect([name, code]).toEqual(['TypeError', 'AEVENT_INVALID_OPTIONS']);
      expect(message).toMatch(/^setup\(\{ blocking \}\) takes milliseconds > 0, or 0 for none, not /);
    }
  });

  // These two mostly wait.
  it.concurrent('is said while it lasts, if that is long: a native call by its name', async () => {
    const { stderr } = await blocks('stuck');
    expect(stderr).toMatch(/is blocked for 2\d\d\d ms by now, in a call of Atomics\.wait, which blocks\n/);
    expect(stderr).toMatch(/is blocked for 2\d\d\d ms by now, at\n(?: {4}at .*\n){0,9} {4}at computes/);
  });

  it.concurrent('in a Worker ends with it, also while aevent looks where', { timeout: 120_000 }, async () => {
    expect(await blocks('ended', { AEVENT_DEBUG: 'blocking=10' })).toMatchObject({ code: 0 });
  });
});
