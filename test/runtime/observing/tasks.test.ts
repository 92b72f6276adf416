import { inspect } from 'node:util';
import { expect, it, vi } from 'vitest';
import {
  CancelScope,
  createTaskGroup,
  moveOnAfter,
  printTasks,
  run,
  runner,
  type TaskNode,
  type TreeNode,
  taskGroup,
  tasks,
} from '../../../dist/runtime/index.js';
import { suspend, withoutSuspension, yieldToLoop } from '../../../dist/runtime/modules/lowlevel.js';
import { Queue } from '../../../dist/runtime/modules/queue/index.js';
import {
  Barrier,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
  Thread,
} from '../../../dist/runtime/modules/threading/index.js';

const nodesIn = (roots: readonly TreeNode[]): TreeNode[] =>
  roots.flatMap((node) => [node, ...nodesIn(node.children)]);
const work = (): TaskNode[] => nodesIn(tasks().roots).filter((node) => 'waits' in node);
const find = (name: string): TaskNode => {
  const found = work().find((node) => node.name.startsWith(`${name}#`));
  if (found === undefined) throw new Error(`no task ${name} among ${work().map(({ name: one }) => one)}`);
  return found;
};
const waitOf = (name: string): string | undefined => find(name).waits[0]?.text;
const shape = ({ kind, children, ...rest }: TreeNode): unknown => [
  'name' in rest ? rest.name.replace(/#\d+$/, '') : kind,
  ...children.map(shape),
];
const turns = (count = 5): void => {
  for (let i = 0; i < count; i++) yieldToLoop();
};

it('shows runners, groups, scopes and tasks as a tree', async () => {
  const shapes: unknown[] = [];
  await run(function outer() {
    taskGroup((group) => {
      group.spawn(function inner() {
        moveOnAfter(60_000, () => suspend('forever', () => () => {}));
      });
      group.spawnDaemon(function daemon() {
        new CancelScope({ shield: true }).run(() => turns(50));
      });
      turns();
      shapes.push(tasks().roots.map(shape));
      const scope = nodesIn(tasks().roots).find(({ kind, deadlineMs }) => kind === 'scope' && deadlineMs);
      expect(scope?.deadlineMs).toBeGreaterThan(50_000);
      const shielded = nodesIn(tasks().roots).find(({ kind, shield }) => kind === 'scope' && shield);
      expect(shielded?.cancelled).toBe(false);
      group.cancelScope.cancel('enough');
      expect(find('inner').cancelled).toBe(true);
    });
  });
  expect(shapes).toEqual([[['runner', ['outer', ['group', ['inner', ['scope']], ['daemon', ['scope']]]]]]]);
  expect(tasks()).toMatchObject({ live: 0, parked: 0, roots: [], deadlocks: [] });
});

it('tells what each task does, in what it waits, and how long', async () => {
  let resolve: (value?: unknown) => void = () => {};
  const forever = new Promise((settle) => {
    resolve = settle;
  });
  await run(() =>
    taskGroup((group) => {
      const queue = new Queue<number>(10);
      const wakers: (() => void)[] = [];
      group.startSoon(function parked() {
        queue.get();
      });
      group.startSoon(async function awaiting() {
        await forever;
      });
      group.startSoon(function woken() {
        suspend<void>('wakeable', (wait) => void wakers.push(() => wait.resolve()));
      });
      turns();
      wakers[0]?.();
      resolve();
      group.startSoon(function new_() {});
      const states = ['parked', 'awaiting', 'woken', 'new_'].map((name) => find(name).state);
      expect(states).toEqual(['parked', 'awaiting', 'ready', 'ready']);
      const running = work().find(({ state }) => state === 'running');
      expect(running?.stack?.join('\n')).toMatch(/tasks\.test\.ts/);
      const { waits, waitedMs, id, name } = find('parked');
      expect(waits).toMatchObject([{ text: 'Queue.get (0/10)', call: 'Queue.get', state: 'parked' }]);
      expect(name).toBe(`parked#${id}`);
      expect(waitedMs).toBeGreaterThanOrEqual(waits[0]?.forMs ?? Number.NaN);
      expect(waits[0]?.stack?.[0]).toMatch(/^parked \(.*tasks\.test\.ts:\d+:\d+\)$/);
      expect(waits[0]?.stack?.join('\n')).not.toMatch(/node:|\/dist\/|suspension|task-group/);
      expect(tasks({ stacks: false }).roots).not.toContainEqual(
        expect.objectContaining({ stack: expect.anything() }),
      );
      resolve();
      queue.put(1);
    }),
  );
});

it('counts for how long a task ran and waited, each time it is suspended', async () => {
  let ran: number[] = [];
  await run(function counted() {
    const compute = (): void => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    };
    compute();
    yieldToLoop();
    compute();
    yieldToLoop();
    taskGroup((group) => {
      group.startSoon(function watcher() {
        turns(2);
        const { ranMs, waitedMs } = find('counted');
        ran = [ranMs, waitedMs];
      });
    });
  });
  expect(ran[0]).toBeGreaterThanOrEqual(40);
  expect(ran[1]).toBeGreaterThan(0);
});

it('names who holds what', async () => {
  await run(() =>
    taskGroup((group) => {
      const [lock, reentrant, semaphore, event, barrier] = [
        new Lock(),
        new RLock(),
        new Semaphore(0),
        new Event(),
        new Barrier(3),
      ];
      const condition = new Condition(new Lock());
      const thread = new Thread({ name: 'worker', target: () => event.wait() });
      const holder = group.startSoon(function holder() {
        lock.acquire();
        reentrant.acquire();
        reentrant.acquire();
        event.wait();
        lock.release();
        reentrant.release();
        reentrant.release();
      });
      turns();
      thread.start();
      const waiting: Record<string, () => unknown> = {
        locking: () => lock.acquire() && lock.release(),
        timed: () => lock.acquire(true, 60_000) && lock.release(),
        relocking: () => reentrant.acquire() && reentrant.release(),
        permitted: () => semaphore.acquire(),
        barred: () => barrier.wait(),
        conditional: () => condition.acquire() && condition.wait() && condition.release(),
        joining: () => thread.join(),
        handling: () => holder.wait(),
      };
      for (const [name, fn] of Object.entries(waiting))
        group.startSoon(Object.defineProperty(() => fn(), 'name', { value: name }));
      turns();
      const held = find('holder').name;
      expect(Object.fromEntries(Object.keys(waiting).map((name) => [name, waitOf(name)]))).toEqual({
        locking: `Lock.acquire held by ${held}`,
        timed: `Lock.acquire held by ${held} (at most 60000 ms)`,
        relocking: `RLock.acquire held by ${held}`,
        permitted: 'Semaphore.acquire of 0 permits',
        barred: 'Barrier.wait of 3, 1 of whom have come',
        conditional: 'Condition.wait',
        joining: 'Thread.join of worker',
        handling: `TaskHandle.wait of ${held}`,
      });
      expect(
        [lock, reentrant, semaphore, event, barrier, condition, thread, group, holder].map((one) =>
          inspect(one),
        ),
      ).toEqual([
        `Lock { held by ${held}, 2 waiting }`,
        `RLock { held by ${held} 2 times, 1 waiting }`,
        'Semaphore { 0 permits, 1 waiting }',
        'Event { not set, 2 waiting }',
        'Barrier { 1/3 have come }',
        'Condition { 1 waiting, Lock { free } }',
        'Thread { worker, alive }',
        'TaskGroup { 9 tasks, open }',
        'TaskHandle { holder, running }',
      ]);
      event.set();
      semaphore.release();
      condition.acquire();
      condition.notifyAll();
      condition.release();
      group.startSoon(() => barrier.wait());
      barrier.wait();
    }),
  );
});

it('shows each object in a line', () => {
  for (const { prototype } of [Lock, RLock, Semaphore, Event, Barrier, Condition, Thread, Queue, CancelScope])
    expect(() => inspect(prototype)).not.toThrow();
  expect(inspect(new CancelScope())).toBe('CancelScope { not entered }');
  expect(inspect(new CancelScope({ shield: true, deadline: 0 }))).toMatch(
    /^CancelScope \{ not entered, deadline in -?\d+ ms, shielded \}$/,
  );
  expect(inspect(createTaskGroup())).toBe('TaskGroup { 0 tasks, open }');
});

it('prints what the program named as it likes on lines of its own', async () => {
  const bombs = [
    '\x1b[2J',
    'a\nb',
    '\u202egnp',
    '<script>alert(1)</script>',
    'x'.repeat(1_000_000),
    '\0\x07',
  ];
  let text = '';
  await run(() =>
    taskGroup((group) => {
      for (const name of bombs)
        group.startSoon(Object.defineProperty(() => turns(20), 'name', { value: name }));
      turns();
      printTasks({ write: (chunk: string) => (text += chunk) });
    }),
  );
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text).toContain('\\u001b[2J');
  expect(text).toContain('a\\nb');
  expect(text.length).toBeLessThan(20_000);
  expect(text.split('\n').filter((line) => line.includes('waits in yield')).length).toBeGreaterThanOrEqual(5);
});

it('colours a terminal, unless NO_COLOR is set, and nothing else', async () => {
  const print = (isTTY: boolean): string => {
    let text = '';
    printTasks({ isTTY, write: (chunk: string) => (text += chunk) });
    return text;
  };
  await run(() => {
    vi.stubEnv('NO_COLOR', '');
    expect(print(true)).toContain('\x1b[32m');
    expect(print(false)).not.toContain('\x1b');
    vi.stubEnv('NO_COLOR', '1');
    expect(print(true)).not.toContain('\x1b');
  });
  vi.unstubAllEnvs();
});

it('prints of tasks that wait at the same place some, and how many there are', async () => {
  let text = '';
  await runner(() =>
    taskGroup((group) => {
      const queue = new Queue();
      const sleeper = (): unknown => queue.get();
      for (let i = 0; i < 100; i++) group.startSoon(sleeper);
      turns();
      printTasks({ write: (chunk: string) => (text += chunk) });
      group.cancelScope.cancel();
    }),
  );
  expect(text.match(/sleeper#/g)).toHaveLength(5);
  expect(text).toContain('(and 95 more tasks that wait at the same places)');
});

it.each([1, null, { stacks: 1 }, 'stacks'])('tasks(%j) is refused', (options) => {
  expect(() => tasks(options as never)).toThrow(expect.objectContaining({ code: 'AEVENT_INVALID_OPTIONS' }));
  expect(() => printTasks(options as never)).toThrow(
    expect.objectContaining({ code: 'AEVENT_INVALID_ARGUMENT' }),
  );
});

it('tasks() names the options that it has', () => {
  expect(() => tasks({ stack: false } as never)).toThrow('tasks() has no option "stack". It has: stacks.');
});

it('runs nothing of the program: getters of what is waited for cannot suspend', async () => {
  await run(() =>
    taskGroup((group) => {
      const thing = {
        get path() {
          yieldToLoop();
          return '/path';
        },
      };
      group.startSoon(function waiting() {
        suspend('trap', () => () => {}, thing);
      });
      turns();
      expect(waitOf('waiting')).toBe('trap');
      expect(withoutSuspension(() => waitOf('waiting'))).toBe('trap');
      group.cancelScope.cancel();
    }),
  );
});
