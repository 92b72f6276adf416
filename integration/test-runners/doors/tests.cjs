// The tests of each runner, whose functions aevent/vitest, aevent/node-test and aevent/jest make tasks. With PLANTED_FAULTS=1 there
// are others, each of which has to fail.

/** Titles of the faults, and what each has to fail with. */
exports.faults = {
  'a test that waits too long': /not done within its 1000 ms[\s\S]*slowTest/,
  'a task that goes on': /go on after it: lost#\d+/,
  'a task that fails': /planted in a task/,
  'an interleaving that loses something': /AEVENT_SEED=\d+ repeats it/,
};

const equal = (actual, expected) => {
  if (actual !== expected) throw new Error(`${actual} is not ${expected}`);
};

/**
 * @param runner - its functions by the names of Jest
 * @param modules - what the test file has imported
 */
exports.register = (
  { test, describe, beforeAll, beforeEach, afterEach, timeoutIsLast = false },
  { aevent, childProcess, timers },
) => {
  const { execSync } = childProcess;
  const { sleepSync } = timers;
  const hooked = [];

  beforeAll(() => {
    hooked.push(execSync('sleep 0.02; echo all', { encoding: 'utf8' }).trim());
  });
  beforeEach(() => {
    sleepSync(1);
    hooked.push(aevent.hasPortal());
  });
  afterEach(() => sleepSync(1));

  test('synchronous code suspends in tests and hooks', () => {
    let ran = false;
    setImmediate(() => {
      ran = true;
    });
    execSync('sleep 0.05');
    equal(ran, true);
    equal(hooked.join(), 'all,true');
  });

  // Of no parameters, since Jest takes a first one for a callback.
  test('a clock makes days pass at once', function (context = this) {
    const day = 24 * 3600 * 1000;
    context.clock.autojumpThresholdMs = 0;
    const before = aevent.currentTime();
    sleepSync(day);
    equal(aevent.currentTime() - before, day);
  });

  test('the next test has real time', () => {
    const before = Date.now();
    sleepSync(10);
    equal(Date.now() - before < 5000, true);
    equal(Date.now() > before, true);
  });

  test.explore('a lock stands each interleaving', { runs: 10 }, (random) => {
    let atOnce = 0;
    const critical = () => {
      equal(++atOnce, 1);
      sleepSync(random.below(10));
      atOnce--;
    };
    aevent.taskGroup((group) => {
      const first = group.startSoon(critical);
      group.spawn(() => {
        first.wait();
        critical();
      });
    });
  });

  describe('a suite', () => {
    beforeEach(() => sleepSync(1));
    test('has tasks, too', () => equal(aevent.hasPortal(), true));
  });

  if (process.env.PLANTED_FAULTS !== '1') return;
  const [slow, leftover, failing, losing] = Object.keys(exports.faults);

  const limited = (fn) => (timeoutIsLast ? [fn, 1000] : [{ timeout: 1000 }, fn]);
  test(
    slow,
    ...limited(function slowTest() {
      sleepSync(10_000);
    }),
  );
  test(leftover, () => {
    void aevent
      .call(function lost() {
        sleepSync(10_000);
      })
      .catch(() => {});
  });
  test(failing, () => {
    aevent.spawn(() => {
      throw new Error('planted in a task');
    });
    sleepSync(5);
  });
  test.explore(losing, { runs: 20 }, (random) => {
    let count = 0;
    const lose = () => {
      const before = count;
      sleepSync(random.below(10));
      count = before + 1;
    };
    aevent.taskGroup((group) => [1, 2, 3].map(() => group.spawn(lose)));
    equal(count, 3);
  });
};
