// Facts about the drop-in for `fibers`, told as JSON. The package is not installed here.
const { AsyncLocalStorage } = require('node:async_hooks');
const { setTimeout: later } = require('node:timers/promises');
const Fiber = require('fibers');
const Future = require('fibers/future');

const facts = {};
const thrown = (fn) => {
  try {
    fn();
    return undefined;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

async function main() {
  const { default: imported } = await import('fibers');
  facts['import and require give the same'] =
    imported === Fiber && (await import('fibers/future')).default === Future;
  facts['with new and without'] = new Fiber(() => {}) instanceof Fiber && Fiber(() => {}) instanceof Fiber;

  const echo = Fiber((first) => {
    const second = Fiber.yield(first + 1);
    const third = Fiber.yield(second + 1);
    return third + 1;
  });
  facts['values pass both ways'] =
    [echo.started, echo.run(1), echo.run(10), echo.started, echo.run(100), echo.started].join() ===
    'false,2,11,true,101,false';
  facts['an ended fiber begins anew'] = echo.run(5) === 6 && echo.reset() === undefined && !echo.started;
  facts['an error comes out of run()'] =
    thrown(() =>
      Fiber(() => {
        throw new TypeError('out');
      }).run(),
    ) === 'TypeError: out';
  const sorting = Fiber(() => [3, 1, 2].sort((a, b) => Fiber.yield('compare') ?? a - b).join());
  let steps = 0;
  let last = sorting.run();
  while (sorting.started) {
    steps++;
    last = sorting.run();
  }
  facts['yields below a builtin'] = steps >= 2 && last === '1,2,3';

  const caught = Fiber(() => {
    try {
      Fiber.yield();
    } catch (error) {
      return `caught ${error}`;
    }
  });
  caught.run();
  facts['throwInto() throws in the fiber'] = caught.throwInto('it') === 'caught it';
  const uncaught = Fiber(() => Fiber.yield());
  uncaught.run();
  facts['what it does not catch comes back'] =
    thrown(() => uncaught.throwInto(new Error('back'))) === 'Error: back' && !uncaught.started;
  let cleaned = 0;
  const held = Fiber(() => {
    try {
      Fiber.yield();
    } finally {
      cleaned++;
      thrown(() => Fiber.yield()) === 'Error: This Fiber is a zombie' && cleaned++;
    }
  });
  held.run();
  facts['reset() unwinds, and each yield throws'] = held.reset() === undefined && cleaned === 2;

  const seen = [];
  const outer = Fiber(() => {
    const inner = Fiber(() => {
      seen.push(Fiber.current === inner);
      Fiber.yield();
      seen.push(Fiber.current === inner);
    });
    inner.run();
    seen.push(Fiber.current === outer);
    Fiber.yield(inner);
    seen.push(Fiber.current === outer);
  });
  const inner = outer.run();
  seen.push(Fiber.current === undefined);
  inner.run();
  outer.run();
  facts['current is the innermost, also after others ran it'] = seen.length === 5 && seen.every(Boolean);

  facts['errors are those of fibers'] =
    JSON.stringify([
      thrown(() => Fiber()),
      thrown(() => Fiber(1)),
      thrown(() => Fiber.yield()),
      thrown(() => Fiber(() => Fiber.yield(1, 2)).run()),
      thrown(() => echo.run(1, 2)),
      thrown(() => echo.throwInto()),
      thrown(() => Fiber(() => Fiber.current.run()).run()),
      thrown(() => Fiber(() => Fiber.current.reset()).run()),
      thrown(() => Fiber.prototype.run.call({})),
    ]) ===
    JSON.stringify([
      'TypeError: Fiber expects 1 argument',
      'TypeError: Fiber expects a function',
      'Error: yield() called with no fiber running',
      'TypeError: yield() expects 1 or no arguments',
      'TypeError: run() excepts 1 or no arguments',
      'Error: This Fiber is not yielding',
      'Error: This Fiber is already running',
      'Error: This Fiber is not yielding',
      'TypeError: Illegal invocation',
    ]);
  Fiber.poolSize = 7;
  facts['poolSize is kept, fibersCreated counts'] = Fiber.poolSize === 7 && Fiber.fibersCreated > 0;

  const storage = new AsyncLocalStorage();
  const stores = [];
  const stored = storage.run('fiber', () =>
    Fiber(() => {
      stores.push(storage.getStore());
      storage.run('deeper', () => {
        Fiber.yield();
        stores.push(storage.getStore());
      });
      stores.push(storage.getStore());
    }),
  );
  storage.run('first', () => stored.run());
  storage.run('second', () => {
    stored.run();
    stores.push(storage.getStore());
  });
  facts['AsyncLocalStorage holds'] = stores.join() === 'first,deeper,first,second';

  // Which fiber goes on is for its caller to say: not in the order in which they yielded.
  const order = [];
  const many = Array.from({ length: 50 }, (_, i) =>
    Fiber(() => {
      Fiber.yield();
      order.push(i);
    }),
  );
  for (const fiber of many) fiber.run();
  for (const i of [7, 3, 49]) many[i].run();
  for (const fiber of many.reverse()) if (fiber.started) fiber.run();
  facts['fibers overtake each other'] = order.slice(0, 5).join() === '7,3,49,48,47' && order.length === 50;

  // Abandoned ones are unwound, so their stacks are used again.
  let unwound = 0;
  for (let i = 0; i < 50; i++)
    Fiber(() => {
      try {
        Fiber.yield();
      } finally {
        unwound++;
      }
    }).run();
  for (let i = 0; i < 50 && unwound < 40; i++) {
    globalThis.gc();
    await later(2);
  }
  facts['fibers that nobody can run any more are unwound'] = unwound >= 40;

  const sleep = (ms) => {
    const future = new Future();
    setTimeout(() => future.return(ms), ms);
    return future;
  };
  const results = await Future.task(() => {
    const both = [sleep(5), sleep(1)];
    Future.wait(both);
    const task = Future.task(
      () => sleep(1).wait() + 1,
      () => sleep(2).wait(),
    );
    const wrapped = Future.wrap({
      twice: (n, done) => setImmediate(done, null, 2 * n, n),
      fails: (done) => done(new Error('failed')),
    });
    const multi = Future.wrap((done) => done(null, 1, 2), true);
    let failure;
    try {
      wrapped.failsFuture().wait();
    } catch (error) {
      failure = [error.message, error.stack.includes('- - - - -'), error.futureStack !== undefined].join();
    }
    return [
      both.map((future) => future.get()),
      task.wait(),
      wrapped.twiceFuture(4).wait(),
      multi().wait(),
      failure,
      Future.fromPromise(later(1, 'promise')).wait(),
      ((a, b) => a + b).future()(1, 2).wait(),
      `${Object.assign(() => {}, { toString: () => ({}) }).future()}`.startsWith('<<Future [Function'),
      thrown(() => new Future().get()),
    ];
  }).promise();
  facts['futures'] =
    JSON.stringify(results) ===
    JSON.stringify([
      [5, 1],
      [2, 2],
      8,
      [1, 2],
      'failed,true,true',
      'promise',
      3,
      true,
      'Error: Future must resolve before value is ready',
    ]);
  const [from, to, errors] = [new Future(), new Future(), new Future()];
  const told = [];
  from.proxy(to);
  to.resolve(errors, (value) => told.push(value))
    .resolveSuccess((value) => told.push(`success ${value}`))
    .proxyErrors([errors]);
  from.resolver()(null, 'value');
  facts['futures resolve others'] =
    told.join() === 'value,success value' &&
    to.isResolved() &&
    !errors.isResolved() &&
    thrown(() => to.return(1)) === 'Error: Future resolved more than once' &&
    thrown(() => errors.throw()) === 'Error: Must throw non-empty error';
  facts['no fiber, no wait'] =
    thrown(() => errors.wait()) === "Error: Can't wait without a fiber" &&
    thrown(() => Future.wait(1)) === 'Error: 1 is not a future';
  const uncaughts = [];
  process.once('uncaughtException', (error) => uncaughts.push(error.message));
  Future.task(() => {
    throw new Error('detached');
  }).detach();
  await later(5);
  facts['detach() throws to the process'] = uncaughts.join() === 'detached';

  const aevent = await import('aevent');
  facts['a task needs no fiber to wait'] = (await aevent.call(() => sleep(2).wait())) === 2;
  // A fiber of a task may suspend as the task may: its caller goes on.
  const log = [];
  await aevent.call(() => {
    const fiber = Fiber(() => {
      log.push('begins');
      aevent.await_(later(2));
      log.push(Fiber.current === fiber);
      Fiber.yield('to nobody');
      log.push('ends');
    });
    log.push(
      fiber.run(),
      thrown(() => fiber.run()),
    );
    aevent.await_(later(20));
    log.push(fiber.run(), fiber.started);
  });
  facts['a fiber may suspend'] =
    JSON.stringify(log) ===
    JSON.stringify(['begins', null, 'Error: This Fiber is already running', true, 'ends', null, false]);
  // Where V8 could not stand it, a yield is refused, and nothing is lost.
  const nested = Fiber(() => JSON.stringify({ toJSON: () => Fiber.yield('left') ?? 'back' }));
  const refused = thrown(() => nested.run());
  facts['a yield below JSON.stringify works or is refused'] =
    refused === undefined
      ? nested.run() === '"back"'
      : refused.startsWith('NoPortalError') && !nested.started && /^v22/.test(process.version);
}

main().then(() => console.log(JSON.stringify(facts)));
