// Many stacks in one mapping: they take hardly any of the system's mappings, go back when they are not used any more, and are
// apart from each other all the same. The same programs run under `thread`, where each stack is a mapping.
import { beforeAll, describe, expect, it } from 'vitest';
import { addonFile, buildAddon } from '../../../integration/torture/addon/build.mjs';
import { json, node } from '../child.js';

/** More than are given back before malloc() is told to. */
const TASKS = 5000;
const fiber = process.env.AEVENT_BACKEND !== 'thread';

interface Mappings {
  readonly all: number;
  readonly stacksKiB: number;
  /** That are resident. */
  readonly heapKiB: number;
}

describe(`${TASKS} tasks at once`, () => {
  interface Report {
    readonly shared: string;
    readonly woken: number;
    readonly cancelled: number;
    readonly again: number;
    readonly left: number;
    readonly before: Mappings;
    readonly parked: Mappings;
    readonly after: Mappings;
  }
  const count = fiber ? TASKS : 300;
  let report: Report;
  beforeAll(async () => {
    report = await json<Report>(['slabs.mjs', String(count)]);
  });

  it('go on in the order in which they are woken, and are cancelled together', () => {
    expect(report).toMatchObject({ woken: count, cancelled: count, again: count });
  });

  it.runIf(fiber)('share mappings, where the kernel has guard regions', ({ skip }) => {
    if (report.shared !== 'on') skip(report.shared);
    expect(report.parked.all - report.before.all).toBeLessThan(TASKS / 8);
    expect(report.parked.stacksKiB - report.before.stacksKiB).toBeGreaterThan(TASKS * 1100);
  });

  it.runIf(fiber)('give their stacks back to the system when they have ended', () => {
    expect(report.left).toBeLessThan(300);
    expect(report.after.stacksKiB - report.before.stacksKiB).toBeLessThan(
      (report.parked.stacksKiB - report.before.stacksKiB) / 5,
    );
  });

  it.runIf(fiber)('leave hardly more of the C heap than what V8 keeps of each', () => {
    expect(report.after.heapKiB - report.before.heapKiB).toBeLessThan(
      (report.parked.heapKiB - report.before.heapKiB) / 2,
    );
  });
});

describe('the end of a stack', () => {
  beforeAll(() => buildAddon());

  it('is a RangeError in JavaScript and builtins; the stacks beside it are as they were', async () => {
    const { stdout, stderr, code } = await node(['overrun.mjs', addonFile, '512']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [report, used] = stdout.split('\n').map((line) => line && JSON.parse(line));
    expect(report.javascript).toEqual(new Array(40).fill('RangeError'));
    expect(report.held).toBe(40);
    for (const [name, outcomes] of Object.entries<string[]>(report.natives)) {
      const others = outcomes.filter((outcome) => !['done', 'RangeError', 'SyntaxError'].includes(outcome));
      expect({ name, others }).toEqual({ name, others: [] });
    }
    expect(used).toBe(512 * 1024);
  });

  it('is a fault in native code', async () => {
    const { stdout, signal } = await node(['overrun.mjs', addonFile, '4096']);
    expect(signal).toBe('SIGSEGV');
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });
});
