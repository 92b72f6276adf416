// Traces are read back from the files that child processes leave, and held against the format that viewers read.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { json, node } from '../child.js';

const dir = mkdtempSync(join(tmpdir(), 'aevent-trace-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const fixture = join(import.meta.dirname, 'fixtures/traced.mjs');
const register = ['--import', 'aevent/register'];
/** As many tasks as the fixture has. */
const MANY = 2_000;

interface Event {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  cat?: string;
  id?: number;
  args?: Record<string, unknown>;
}

/** Reads a trace, and checks what the format asks of each event. */
function read(file: string): Event[] {
  const events = JSON.parse(readFileSync(file, 'utf8')) as Event[];
  const open = new Map<number, string[]>();
  const isValid = (event: Event): boolean => {
    const names = open.get(event.tid) ?? [];
    open.set(event.tid, names);
    if (event.ph === 'B') names.push(event.name);
    return (
      /^[XBEbeisfMC]$/.test(event.ph) &&
      typeof event.name === 'string' &&
      [event.pid, event.tid, event.ts].every(Number.isFinite) &&
      (event.ph !== 'X' || Number(event.dur) >= 0) &&
      (!'besf'.includes(event.ph) || Number(event.id) > 0) &&
      (event.ph !== 'E' || names.pop() === event.name)
    );
  };
  expect(events.filter((event) => !isValid(event))).toEqual([]);
  // On one lane each lies in the one around it, or after the one before; times are rounded to a tenth of a microsecond.
  const ends = new Map<number, number[]>();
  const lasting = events
    .filter(({ ph }) => ph === 'X')
    .sort((a, b) => a.ts - b.ts || Number(b.dur) - Number(a.dur));
  const isTorn = ({ tid, ts, dur }: Event): boolean => {
    const around = (ends.get(tid) ?? []).filter((end) => end > ts + 0.2);
    const end = ts + Number(dur);
    ends.set(tid, [...around, end]);
    return around.some((outer) => end > outer + 0.2);
  };
  expect(lasting.filter(isTorn)).toEqual([]);
  return events;
}

const lanes = (events: Event[]): Map<unknown, number> =>
  new Map(events.filter(({ name }) => name === 'thread_name').map(({ args, tid }) => [args?.name, tid]));

const record = async (
  how: string,
  file = `${how}.json`,
): Promise<{ events: Event[]; code: number | null; stderr: string }> => {
  const path = join(dir, file);
  const { code, stderr } = await node([...register, fixture, how], { AEVENT_TRACE: path });
  return { events: read(path), code, stderr };
};

describe('a trace', () => {
  it('has a lane for each task with its waits, runs, spawns and end, and lanes of the loop and the collector', async () => {
    const { events, code, stderr } = await record('plain');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const byName = lanes(events);
    expect([...byName.keys()]).toEqual(
      expect.arrayContaining(['event loop', 'garbage collection', 'blocked']),
    );
    const of = (name: string): string[] => {
      const tid = byName.get(name);
      return events
        .filter((event) => event.tid === tid && event.ph !== 'M')
        .map(({ ph, name: what }) => `${ph} ${what}`);
    };
    expect(of('sleeper#2')).toEqual([
      'i spawned',
      'f spawn',
      'X running',
      'B sleepSync(5)',
      'E sleepSync(5)',
      'X ready',
      'X running',
      'i succeeded',
    ]);
    expect(of('main#1')).toEqual(
      expect.arrayContaining(['s spawn', 'B TaskGroup', 'B Queue.get', 'i cancelled', 'E Queue.get']),
    );
    expect(of('failing#5').at(-1)).toBe('i failed');
    expect(events.some(({ tid, name }) => tid === byName.get('event loop') && name === 'turn')).toBe(true);
    const spawns = events.filter(({ cat }) => cat === 'spawn').map(({ ph, id }) => `${ph}${id}`);
    for (let id = 1; id <= 5; id++) expect(spawns).toEqual(expect.arrayContaining([`s${id}`, `f${id}`]));
  });

  it('has what blocked the loop, turn after turn', async () => {
    const path = join(dir, 'blocked.json');
    const blocks = join(import.meta.dirname, 'fixtures/blocks.mjs');
    await node([...register, blocks, 'adjacent'], { AEVENT_TRACE: path, AEVENT_DEBUG: 'blocking=40' });
    const events = read(path);
    const blocked = events.filter(({ tid, ph }) => tid === lanes(events).get('blocked') && ph === 'X');
    expect(blocked.filter(({ args }) => String(args?.stack).includes('computes')).length).toBeGreaterThan(1);
  });

  it('keeps hostile names as they are, and cuts long ones', async () => {
    const { events } = await record('plain');
    const names = [...lanes(events).keys()].map(String);
    expect(names.some((name) => name.startsWith('</script><b>\u0000\u001b[31m"\\\n'))).toBe(true);
    expect(Math.max(...names.map(({ length }) => length))).toBeLessThan(300);
    expect(events.find(({ name }) => name === 'failed')?.args?.error).toContain('failed </script>');
    expect(statSync(join(dir, 'plain.json')).size).toBeLessThan(200_000);
  });

  it('survives process.exit() in a task and an uncaught error', async () => {
    const exit = await record('exit');
    expect(exit.code).toBe(7);
    expect(exit.events.some(({ name }) => name === 'failed')).toBe(true);
    const uncaught = await record('uncaught');
    expect(uncaught.code).toBe(1);
    expect(uncaught.events.some(({ name }) => name === 'failed')).toBe(true);
  });

  it('is whole JSON when the process is killed, with the wait that was open', async () => {
    const file = join(dir, 'killed.json');
    const child = spawn(process.execPath, [...register, fixture, 'killed'], {
      cwd: import.meta.dirname,
      env: { ...process.env, AEVENT_TRACE: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.on('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('exit', resolve));
    const events = read(file);
    const lane = lanes(events).get('forEver#6');
    expect(
      events.filter(({ tid, ph }) => tid === lane && 'BE'.includes(ph)).map(({ ph, name }) => ph + name),
    ).toEqual(['BQueue.get']);
  });

  it('of a Worker has a file of its own', async () => {
    await record('worker');
    const [own] = readdirSync(dir).filter((name) => /^worker\.\d+\.worker\d+\.json$/.test(name));
    expect([...lanes(read(join(dir, String(own)))).keys()]).toContain('sleeper#2');
  });

  it('of thousands of tasks has a lane for each', async () => {
    const { events, code } = await record('many');
    expect(code).toBe(0);
    expect(events.filter(({ ph, name }) => ph === 'i' && name === 'succeeded')).toHaveLength(MANY + 1);
    expect(lanes(events).size).toBeGreaterThan(MANY);
  });

  it('is started and stopped by the program, which hears what is wrong; it ends at its limit', async () => {
    const file = join(dir, 'api.json');
    const { stdout, stderr } = await node([...register, fixture, 'api'], { FILE: file });
    expect(JSON.parse(stdout)).toEqual([
      [
        'TypeError',
        'AEVENT_INVALID_OPTIONS',
        'startTrace() takes the path of a file, or an object with it, not undefined.',
      ],
      [
        'TypeError',
        'AEVENT_INVALID_OPTIONS',
        'startTrace() takes the path of a file, or an object with it, not 5.',
      ],
      ['TypeError', 'AEVENT_INVALID_OPTIONS', 'startTrace({ file }) takes a path, not .'],
      [
        'TypeError',
        'AEVENT_INVALID_OPTIONS',
        'startTrace({ maxBytes }) takes a finite number of bytes > 0, not -1.',
      ],
      ['TypeError', 'AEVENT_UNKNOWN_OPTION', 'startTrace() has no option "size"'],
      ['AeventError', 'AEVENT_TRACE_FILE', expect.stringMatching(/^The trace cannot be written to .*ENOENT/)],
      ['AeventError', 'AEVENT_TRACING', ''],
      true,
      true,
    ]);
    expect(stderr).toMatch(
      /^aevent: the trace ".*api.json" ends here: it is 5000 bytes long \(maxBytes\)\n$/,
    );
    expect(read(file).length).toBeGreaterThan(10);
    expect(statSync(file).size).toBeLessThan(200_000);
  });

  it('that cannot be written is an error at the start', async () => {
    const { code, stderr } = await node([...register, '-e', '0'], {
      AEVENT_TRACE: '/no/such/folder/trace.json',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /AEVENT_TRACE_FILE|The trace cannot be written to "\/no\/such\/folder\/trace.json": ENOENT/,
    );
    expect(existsSync('/no/such/folder')).toBe(false);
  });
});

describe('the diagnostics channels', () => {
  it('tell of tasks, waits and slices in order, to subscribers that cannot suspend', async () => {
    const heard = await json<[string, string, string, unknown, boolean][]>([
      ...register,
      fixture,
      'channels',
    ]);
    expect(heard.every((event) => event[4])).toBe(true);
    const of = (subject: string, name: string): unknown[] =>
      heard
        .filter((event) => event[0] === subject && event[2] === name)
        .map(([, event, , more]) => [event, more]);
    expect(of('task', 'sleeper#2')).toEqual([
      ['start', ['main#1', null]],
      ['end', ['main#1', 'succeeded']],
    ]);
    expect(of('task', 'failing#5')).toEqual([
      ['start', [null, null]],
      ['error', [null, 'failed']],
      ['end', [null, 'failed']],
    ]);
    expect(of('wait', 'Queue.get')).toEqual([
      ['start', ['Queue', 'main#1', false]],
      ['end', ['Queue', 'main#1', true]],
    ]);
    expect(of('slice', 'sleeper#2')).toEqual(['start', 'end', 'start', 'end'].map((event) => [event, null]));
  });
});
