// Tasks that are woken by callbacks of the event loop, and go on together when it has polled.
import { describe, expect, it } from 'vitest';
import { CancelScope, call, info } from '../../../dist/runtime/index.js';
import { suspendIn, type Wait } from '../../../dist/runtime/suspension/suspension.js';
import { turn } from '../../support/tools.js';
import { node } from '../child.js';

type Waits = Wait<number>[];

/** A task that waits, and notes what it was given. */
function waiting(waits: Waits, seen: unknown[]): Promise<void> {
  return call(() => {
    const value = suspendIn<number>('a test', (wait) => {
      waits.push(wait);
      return undefined;
    });
    seen.push(value);
  });
}

/** A task that waits in a scope of its own. */
async function waitingInScope(onCancel: (wait: Wait<number>) => void): Promise<{
  scope: CancelScope;
  task: Promise<number | undefined>;
  wait: Wait<number>;
}> {
  const scope = new CancelScope();
  let wait: Wait<number> | undefined;
  const body = (): number =>
    suspendIn<number>('a test', (own) => {
      wait = own;
      return () => onCancel(own);
    });
  const task = call(() => scope.run(body));
  await turn();
  return { scope, task, wait: wait as unknown as Wait<number> };
}

/** Lets `count` tasks wait, then calls `wake` from a timer: a plain callback of the loop. */
async function wakeAll(count: number, wake: (waits: Waits, seen: unknown[]) => void): Promise<unknown[]> {
  const waits: Waits = [];
  const seen: unknown[] = [];
  const tasks = Array.from({ length: count }, () => waiting(waits, seen));
  await turn();
  setTimeout(() => wake(waits, seen), 1);
  await Promise.all(tasks);
  return seen;
}

describe('resolveAfterPoll', () => {
  it('resumes in the order of the wakes, after the callback and before the immediates', async () => {
    const seen = await wakeAll(3, ([a, b, c], log) => {
      setImmediate(() => log.push('immediate'));
      c?.resolveAfterPoll(1);
      a?.resolveAfterPoll(2);
      b?.resolveAfterPoll(3);
      process.nextTick(() => log.push('tick'));
    });
    await turn();
    expect(seen).toEqual(['tick', 1, 2, 3, 'immediate']);
  });

  it('goes from each to the next directly', async () => {
    const count = 50;
    let before = 0;
    await wakeAll(count, (waits) => {
      before = info().carriers.switches;
      for (const wait of waits) wait.resolveAfterPoll(0);
    });
    // One into each, and a few for the async code around them.
    expect(info().carriers.switches - before).toBeLessThan(1.5 * count);
  });

  it('keeps the first outcome, also against a cancellation that comes before the task goes on', async () => {
    const { scope, task, wait } = await waitingInScope(() => {});
    setTimeout(() => {
      wait.resolveAfterPoll(1);
      wait.resolveAfterPoll(2);
      wait.resolve(3);
      scope.cancel();
    }, 1);
    expect(await task).toBe(1);
  });

  it('may be called where nothing is put off: in a task, in a microtask', async () => {
    const waits: Waits = [];
    const seen: unknown[] = [];
    const tasks = [waiting(waits, seen), waiting(waits, seen)];
    await turn();
    await call(() => waits[0]?.resolveAfterPoll(1));
    waits[1]?.resolveAfterPoll(2);
    await Promise.all(tasks);
    expect(seen).toEqual([1, 2]);
  });

  it('comes too late for a task that was cancelled', async () => {
    const { scope, task, wait } = await waitingInScope((own) => own.resolveAfterPoll(1));
    setTimeout(() => {
      scope.cancel();
      wait.resolveAfterPoll(2);
    }, 1);
    expect(await task).toBe(undefined);
  });
});

const program = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `import aevent from 'aevent';
   import { suspendIn } from '${new URL('../../../dist/runtime/suspension/suspension.js', import.meta.url)}';
   let wait;
   const value = aevent.call(() => suspendIn('a test', (own) => { wait = own; }));
   setTimeout(() => { ${body} }, 5);
   value.then(console.log);`,
];

describe('a process whose last task was woken so', () => {
  it('goes on until the task has ended, though nothing else holds its loop', async () => {
    const { code, stdout } = await node(program('wait.resolveAfterPoll(42)'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: '42\n' });
  });

  it('may end before the task goes on', async () => {
    const { code, stdout } = await node(program('wait.resolveAfterPoll(42); process.exit(3)'));
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });
});

it('a Worker may end before its task goes on, and again', async () => {
  const { code, stdout, stderr } = await node(['woken-in-worker.mjs']);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '5 0,1,2\n'.repeat(3), stderr: '' });
});
