// Who owns an RLock, has a Local's properties and is the current thread, where several pieces of work share a task or
// have none: each call of a callback that may suspend, and whatever has opted in by perTask().
import { describe, expect, it } from 'vitest';
import { CancelScope, call, patched, perTask, run, runner } from '../../../../dist/runtime/index.js';
import { inTask } from '../../../../dist/runtime/modules/lowlevel.js';
import {
  Condition,
  currentThread,
  getIdent,
  Local,
  mainThread,
  RLock,
  Thread,
} from '../../../../dist/runtime/modules/threading/index.js';
import { apart, pause, thrownBy, turn } from '../../../support/tools.js';

/** Where tasks are, in the order of what they do. */
class Diary {
  readonly lines: string[] = [];
  readonly lock: RLock = new RLock();

  /** Holds the lock for some turns. */
  hold(name: string): void {
    using _ = this.lock.hold();
    this.lines.push(`${name} in`);
    this.again();
    this.lines.push(`${name} out`);
  }

  async holdAsync(name: string): Promise<void> {
    using _ = await this.lock.holdAsync();
    this.lines.push(`${name} in`);
    await turn(2);
    this.again();
    this.lines.push(`${name} out`);
  }

  again(): void {
    using _ = this.lock.hold();
    pause(3);
  }
}

const oneAfterTheOther = ['a in', 'a out', 'b in', 'b out'];

describe('callbacks that one task has registered', () => {
  const twoCalls = async (body: (diary: Diary, name: string) => unknown): Promise<string[]> => {
    const diary = new Diary();
    const entered = await call(() => inTask((name: string) => body(diary, name)));
    entered('a');
    entered('b');
    await turn(20);
    return diary.lines;
  };

  it('exclude each other while they hold an RLock and suspend, and each may acquire it again', async () => {
    expect(await twoCalls((diary, name) => diary.hold(name))).toEqual(oneAfterTheOther);
  });

  it('do so when they are async', async () => {
    expect(await twoCalls((diary, name) => diary.holdAsync(name))).toEqual(oneAfterTheOther);
  });

  it('do so inside of scopes, native and patched code of their own', async () => {
    const lines = await twoCalls((diary, name) => {
      diary.lock.acquire();
      new CancelScope().run(() => patched(() => diary.hold(name)));
      diary.lock.release();
    });
    expect(lines).toEqual(oneAfterTheOther);
  });

  it('exclude the task itself', async () => {
    const diary = new Diary();
    await call(() => {
      const entered = inTask(() => diary.hold('b'));
      using _ = diary.lock.hold();
      entered();
      diary.lines.push('a in');
      pause(3);
      diary.lines.push('a out');
    });
    await turn(10);
    expect(diary.lines).toEqual(oneAfterTheOther);
  });

  it('cannot release what another one holds', async () => {
    const lock = new RLock();
    const errors: unknown[] = [];
    const [acquire, release] = await call(() => [
      inTask(() => void lock.acquire()),
      inTask(() => void errors.push(thrownBy(() => lock.release()))),
    ]);
    acquire();
    release();
    expect(errors).toMatchObject([{ code: 'AEVENT_NOT_OWNER' }]);
  });

  it('each wait on a Condition with an RLock, and are notified by the task', async () => {
    const woken: string[] = [];
    await call(() => {
      const condition = new Condition();
      const entered = inTask((name: string) => {
        using _ = condition.hold();
        condition.wait();
        woken.push(name);
      });
      entered('a');
      entered('b');
      using _ = condition.hold();
      condition.notifyAll();
    });
    await turn(10);
    expect(woken).toEqual(['a', 'b']);
  });

  it('each have a Local of their own, also after a suspension and an await', async () => {
    const local = new Local();
    const seen: unknown[] = [];
    const entered = await call(() => {
      local.name = 'task';
      return inTask(async (name: string) => {
        seen.push(local.name);
        local.name = name;
        pause(2);
        seen.push(local.name);
        await turn(2);
        seen.push(local.name);
      });
    });
    entered('a');
    entered('b');
    await turn(10);
    expect(seen).toEqual([undefined, undefined, 'a', 'b', 'a', 'b']);
  });

  it('each are a thread, which is not their task’s, has a number and cannot be joined', async () => {
    const seen: Thread[] = [];
    const entered = await call(() => {
      seen.push(currentThread());
      return inTask(async () => {
        const mine = currentThread();
        seen.push(mine);
        pause();
        await turn();
        expect([currentThread(), getIdent()]).toEqual([mine, mine.ident]);
      });
    });
    await Promise.all([entered(), entered()]);
    expect(new Set(seen).size).toBe(3);
    expect(new Set(seen.map(({ ident }) => ident)).size).toBe(3);
    expect(seen[1]?.name).toMatch(/^Dummy-\d+$/);
    expect(thrownBy(() => seen[1]?.join())).toMatchObject({ code: 'AEVENT_THREAD_STATE' });
    expect(seen.includes(mainThread())).toBe(false);
  });

  it('make daemons in a daemon', async () => {
    const daemons: boolean[] = [];
    await run(() => {
      for (const daemon of [true, false]) {
        const target = (): void => inTask(() => void daemons.push(new Thread().daemon))();
        const thread = new Thread({ target, daemon });
        thread.start();
        thread.join();
      }
    });
    expect(daemons).toEqual([true, false]);
  });
});

describe('what has opted in by perTask(), outside of tasks', () => {
  it('excludes what has done so beside it', async () => {
    const diary = new Diary();
    const handler = async (name: string): Promise<void> => {
      await perTask();
      diary.hold(name);
    };
    await apart(() => Promise.all([handler('a'), handler('b')]));
    expect(diary.lines).toEqual(oneAfterTheOther);
  });

  it('stays who it is when it opts in again, itself or by what it calls', async () => {
    const lock = new RLock();
    await apart(async () => {
      const helper = async (): Promise<boolean> => {
        await perTask();
        return lock.acquire(false);
      };
      await perTask();
      lock.acquire();
      await perTask();
      expect(await helper()).toBe(true);
      lock.release();
      lock.release();
    });
    expect(lock.locked()).toBe(false);
  });

  it('is a task’s, or a callback’s, where there is one', async () => {
    const seen: Thread[][] = [];
    const optingIn = async (): Promise<void> => {
      const before = currentThread();
      await perTask();
      seen.push([before, currentThread()]);
    };
    const entered = await call(() => inTask(optingIn));
    await Promise.all([call(optingIn), entered()]);
    expect(seen.map(([before, after]) => before === after)).toEqual([true, true]);
  });

  it('may acquire an RLock asynchronously, as may what has opened a runner', async () => {
    const diary = new Diary();
    const body = async (name: string, optIn: () => Promise<unknown>): Promise<void> => {
      await optIn();
      await diary.holdAsync(name);
    };
    await apart(() => Promise.all([body('a', () => runner()), body('b', perTask)]));
    expect(diary.lines).toEqual(oneAfterTheOther);
  });
});
