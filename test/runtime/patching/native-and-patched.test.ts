import { describe, expect, it } from 'vitest';
import { call, createTaskGroup, hasPortal, native, patched, perTask } from '../../../dist/runtime/index.js';
import { apart, pause, paused, thrownBy, together, turn } from '../../support/tools.js';

const boom = new Error('boom');

describe('native(fn)', () => {
  it('forbids suspension inside, gives what fn gives, and ends with it', async () => {
    const seen = await call(() => [native(() => hasPortal()), hasPortal()]);
    expect(seen).toEqual([false, true]);
  });

  it('ends when fn throws', async () => {
    const seen = await call(() => [
      thrownBy(() =>
        native(() => {
          throw boom;
        }),
      ),
      hasPortal(),
    ]);
    expect(seen).toEqual([boom, true]);
  });

  it('holds for the async work that fn starts, and only for that', async () => {
    const seen = await call(async () => {
      const inside = native(async () => {
        const portals = [hasPortal()];
        await turn();
        portals.push(hasPortal());
        return portals;
      });
      return [hasPortal(), await inside, hasPortal()];
    });
    expect(seen).toEqual([true, [false, false], true]);
  });

  it('holds for one task alone, while others run', async () => {
    const seen = await together(10, (index) => {
      if (index % 2 === 0) return native(() => hasPortal());
      pause(3);
      return hasPortal();
    });
    expect(seen).toEqual(Array.from({ length: 10 }, (_, index) => index % 2 === 1));
  });

  it('does not hold for tasks started inside: a task is opted in', async () => {
    const portal = await call(() =>
      native(async () => {
        const tasks = createTaskGroup();
        let inside: boolean | undefined;
        tasks.spawn(() => {
          inside = hasPortal();
        });
        await tasks[Symbol.asyncDispose]();
        return inside;
      }),
    );
    expect(portal).toBe(true);
  });

  it('does nothing outside of tasks', () => {
    expect(native(() => hasPortal())).toBe(false);
  });
});

describe('using _ = native()', () => {
  it('forbids suspension until it is disposed', async () => {
    const seen = await call(() => {
      const portals = [hasPortal()];
      const scope = native();
      portals.push(hasPortal());
      scope[Symbol.dispose]();
      portals.push(hasPortal());
      pause();
      return portals;
    });
    expect(seen).toEqual([true, false, true]);
  });

  it('holds after an await', async () => {
    const seen = await call(async () => {
      const scope = native();
      await turn();
      const inside = hasPortal();
      scope[Symbol.dispose]();
      await turn();
      return [inside, hasPortal()];
    });
    expect(seen).toEqual([false, true]);
  });

  it('holds for one task alone', async () => {
    let inForce = false;
    const seen = await Promise.all([
      call(async () => {
        const scope = native();
        inForce = true;
        await turn(5);
        inForce = false;
        scope[Symbol.dispose]();
      }),
      call(() => {
        pause(2);
        return [inForce, hasPortal()];
      }),
    ]);
    expect(seen[1]).toEqual([true, true]);
  });

  it('nests with patched()', async () => {
    const seen = await call(() => {
      const portals: boolean[] = [];
      const outer = native();
      portals.push(hasPortal());
      const inner = patched();
      portals.push(hasPortal());
      inner[Symbol.dispose]();
      portals.push(hasPortal());
      outer[Symbol.dispose]();
      portals.push(hasPortal());
      return portals;
    });
    expect(seen).toEqual([false, true, false, true]);
  });
});

describe('patched', () => {
  it('undoes native() inside of a function', async () => {
    const seen = await call(() =>
      native(() => [
        hasPortal(),
        patched(() => {
          pause();
          return hasPortal();
        }),
        hasPortal(),
      ]),
    );
    expect(seen).toEqual([false, true, false]);
  });

  it('opts nothing in on the main stack, where nothing can be suspended', async () => {
    const portal = await new Promise((resolve) => setImmediate(() => resolve(patched(() => hasPortal()))));
    expect(portal).toBe(false);
  });

  it('opts a plain promise callback in', async () => {
    await call(() => {}); // from then on microtasks run on carriers
    expect(await apart(() => patched(() => paused(hasPortal())))).toBe(true);
  });

  it('opts the async work in that it starts', async () => {
    await call(() => {}); // the pump runs
    const portal = await patched(async () => {
      await turn();
      pause();
      return hasPortal();
    });
    expect(portal).toBe(true);
  });
});

describe('perTask', () => {
  it('undoes native()', async () => {
    const seen = await apart(async () => {
      const scope = native();
      await perTask();
      const inside = hasPortal();
      scope[Symbol.dispose]();
      return inside;
    });
    expect(seen).toBe(true);
  });
});
