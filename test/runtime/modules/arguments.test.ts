// Each export given what makes no sense: a TypeError with the code that the documents promise, before anything is begun.
import { expect, it } from 'vitest';
import * as aevent from '../../../dist/runtime/index.js';
import * as atexit from '../../../dist/runtime/modules/atexit.js';
import * as os from '../../../dist/runtime/modules/os.js';
import * as queue from '../../../dist/runtime/modules/queue/index.js';
import * as select from '../../../dist/runtime/modules/select/index.js';
import * as signal from '../../../dist/runtime/modules/signal/index.js';
import * as testing from '../../../dist/runtime/modules/testing/index.js';
import * as threading from '../../../dist/runtime/modules/threading/index.js';

const bad = (value: unknown) => value as never;

const refused: Record<string, [string, () => unknown]> = {
  'run()': ['AEVENT_INVALID_ARGUMENT', () => aevent.run(bad(undefined))],
  "call('x')": ['AEVENT_INVALID_ARGUMENT', () => aevent.call(bad('x'))],
  'wrap(3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.wrap(bad(3))],
  'autoawait(null)': ['AEVENT_INVALID_ARGUMENT', () => aevent.autoawait(bad(null))],
  'runner(3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.runner(bad(3))],
  'taskGroup(3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.taskGroup(bad(3))],
  'TaskGroup.spawn({})': ['AEVENT_INVALID_ARGUMENT', () => new aevent.TaskGroup().spawn(bad({}))],
  'TaskGroup.startSoon()': [
    'AEVENT_INVALID_ARGUMENT',
    () => new aevent.TaskGroup().startSoon(bad(undefined)),
  ],
  'TaskGroup.startAsync(3)': ['AEVENT_INVALID_ARGUMENT', () => new aevent.TaskGroup().startAsync(bad(3))],
  'native(3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.native(bad(3))],
  'patched("x")': ['AEVENT_INVALID_ARGUMENT', () => aevent.patched(bad('x'))],
  'patch(3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.patch(bad(3), bad({}))],
  'asyncContext({})': ['AEVENT_INVALID_ARGUMENT', () => aevent.asyncContext(bad({}))],
  'asyncContext(null)': ['AEVENT_INVALID_ARGUMENT', () => aevent.asyncContext(bad(null))],
  'asyncIter(3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.asyncIter(bad(3)).next()],
  "moveOnAfter('x')": ['AEVENT_INVALID_OPTIONS', () => aevent.moveOnAfter(bad('x'), () => {})],
  'moveOnAfter(1, 3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.moveOnAfter(1, bad(3))],
  'failAt(NaN)': ['AEVENT_INVALID_OPTIONS', () => aevent.failAt(Number.NaN, () => {})],
  'new CancelScope(3)': ['AEVENT_INVALID_OPTIONS', () => new aevent.CancelScope(bad(3))],
  'new CancelScope({ signal: {} })': [
    'AEVENT_INVALID_OPTIONS',
    () => new aevent.CancelScope({ signal: bad({}) }),
  ],
  'CancelScope.run()': ['AEVENT_INVALID_ARGUMENT', () => new aevent.CancelScope().run(bad(undefined))],
  "setup({ policy: 'fast' })": ['AEVENT_INVALID_OPTIONS', () => aevent.setup({ policy: bad('fast') })],
  'setup({ policy: null })': ['AEVENT_INVALID_OPTIONS', () => aevent.setup({ policy: bad(null) })],
  'setup({ suspendInRequire: 1 })': [
    'AEVENT_INVALID_OPTIONS',
    () => aevent.setup({ suspendInRequire: bad(1) }),
  ],
  'setup({ include: 3n })': ['AEVENT_INVALID_OPTIONS', () => aevent.setup({ include: bad(3n) })],
  'setup({ backend: 3n })': ['AEVENT_UNKNOWN_BACKEND', () => aevent.setup({ backend: bad(3n) })],
  'setup(3)': ['AEVENT_INVALID_OPTIONS', () => aevent.setup(bad(3))],
  'new Thread(fn)': ['AEVENT_INVALID_OPTIONS', () => new threading.Thread(bad(() => {}))],
  'new Thread({ targt })': ['AEVENT_UNKNOWN_OPTION', () => new threading.Thread(bad({ targt: () => {} }))],
  'new Thread({ target: 3 })': ['AEVENT_INVALID_ARGUMENT', () => new threading.Thread({ target: bad(3) })],
  'new Thread({ args: 3 })': ['AEVENT_INVALID_OPTIONS', () => new threading.Thread({ args: bad(3) })],
  'new Thread({ daemon: 1 })': ['AEVENT_INVALID_OPTIONS', () => new threading.Thread({ daemon: bad(1) })],
  'new Timer(1)': ['AEVENT_INVALID_ARGUMENT', () => new threading.Timer(1, bad(undefined))],
  'new Timer(-1)': ['AEVENT_INVALID_TIMEOUT', () => new threading.Timer(-1, () => {})],
  'new Condition({})': ['AEVENT_INVALID_ARGUMENT', () => new threading.Condition(bad({}))],
  'new Barrier(1, 3)': ['AEVENT_INVALID_ARGUMENT', () => new threading.Barrier(1, bad(3))],
  'new Semaphore(-1)': ['AEVENT_INVALID_COUNT', () => new threading.Semaphore(-1)],
  'setExcepthook(3)': ['AEVENT_INVALID_ARGUMENT', () => threading.setExcepthook(bad(3))],
  "new Queue('x')": ['AEVENT_INVALID_COUNT', () => new queue.Queue(bad('x'))],
  'new PriorityQueue(0, 3)': ['AEVENT_INVALID_ARGUMENT', () => new queue.PriorityQueue(0, bad(3))],
  'atexit.register(3)': ['AEVENT_INVALID_ARGUMENT', () => atexit.register(bad(3))],
  'atexit.register()': ['AEVENT_INVALID_ARGUMENT', () => atexit.register(bad(undefined))],
  "signal('SIGNONE')": ['AEVENT_INVALID_SIGNAL', () => signal.signal(bad('SIGNONE'), signal.SIG_DFL)],
  "signal('SIGKILL')": ['AEVENT_INVALID_SIGNAL', () => signal.signal('SIGKILL', signal.SIG_DFL)],
  "signal('SIGTERM', 3)": ['AEVENT_INVALID_ARGUMENT', () => signal.signal('SIGTERM', bad(3))],
  'getsignal({})': ['AEVENT_INVALID_SIGNAL', () => signal.getsignal(bad({}))],
  'setitimer(-1)': ['AEVENT_INVALID_TIMEOUT', () => signal.setitimer(-1)],
  "setitimer(1, 'x')": ['AEVENT_INVALID_TIMEOUT', () => signal.setitimer(1, bad('x'))],
  'alarm(NaN)': ['AEVENT_INVALID_TIMEOUT', () => signal.alarm(Number.NaN)],
  'block(null)': ['AEVENT_INVALID_SIGNAL', () => signal.block(bad(null))],
  "block(['SIGHUP', 3.5])": ['AEVENT_INVALID_SIGNAL', () => signal.block(['SIGHUP', 3.5])],
  'sigwait({})': ['AEVENT_INVALID_SIGNAL', () => signal.sigwait(bad({}))],
  "sigwait('SIGHUP', -1)": ['AEVENT_INVALID_TIMEOUT', () => signal.sigwait('SIGHUP', -1)],
  'select(3)': ['AEVENT_INVALID_ARGUMENT', () => select.select(bad(3), [], [], 0)],
  'select([], null)': ['AEVENT_INVALID_ARGUMENT', () => select.select([], bad(null), [], 0)],
  'select([-1])': ['AEVENT_NO_DESCRIPTOR', () => select.select([-1], [], [], 0)],
  'select([{}])': ['AEVENT_NO_DESCRIPTOR', () => select.select([bad({})], [], [], 0)],
  "select(…, 'x')": ['AEVENT_INVALID_TIMEOUT', () => select.select([], [], [], bad('x'))],
  "poll().register('x')": ['AEVENT_NO_DESCRIPTOR', () => select.poll().register(bad('x'))],
  "poll().register(0, 'x')": ['AEVENT_INVALID_EVENTS', () => select.poll().register(0, bad('x'))],
  "poll().poll('x')": ['AEVENT_INVALID_TIMEOUT', () => select.poll().poll(bad('x'))],
  "os.read('x')": ['AEVENT_INVALID_ARGUMENT', () => os.read(bad('x'), 1)],
  'os.read(0, -1)': ['AEVENT_INVALID_ARGUMENT', () => os.read(0, -1)],
  'os.write(1.5)': ['AEVENT_INVALID_ARGUMENT', () => os.write(1.5, 'x')],
  'os.write(1, 3)': ['AEVENT_INVALID_ARGUMENT', () => os.write(1, bad(3))],
  'os.write(1, null)': ['AEVENT_INVALID_ARGUMENT', () => os.write(1, bad(null))],
  "explore(fn, { runs: 'x' })": [
    'AEVENT_INVALID_OPTIONS',
    () => testing.explore(() => {}, { runs: bad('x') }),
  ],
  "explore(fn, { seed: 'x' })": [
    'AEVENT_INVALID_OPTIONS',
    () => testing.explore(() => {}, { seed: bad('x') }),
  ],
  'explore(fn, { stuckMs: -1 })': [
    'AEVENT_INVALID_OPTIONS',
    () => testing.explore(() => {}, { stuckMs: -1 }),
  ],
  'new MockClock({ rate: -1 })': ['AEVENT_INVALID_OPTIONS', () => new testing.MockClock({ rate: -1 })],
  "MockClock.jump('x')": ['AEVENT_INVALID_OPTIONS', () => new testing.MockClock().jump(bad('x'))],
  "new Random('x')": ['AEVENT_INVALID_OPTIONS', () => new testing.Random(bad('x'))],
  'new RandomSchedule(1.5)': ['AEVENT_INVALID_OPTIONS', () => new testing.RandomSchedule(1.5)],
  'new RandomSchedule(1, { interleave: 2 })': [
    'AEVENT_INVALID_OPTIONS',
    () => new testing.RandomSchedule(1, { interleave: 2 }),
  ],
  'failAfter(5, 3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.failAfter(5, bad(3))],
  'failAt(5, 3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.failAt(5, bad(3))],
  'moveOnAt(5, 3)': ['AEVENT_INVALID_ARGUMENT', () => aevent.moveOnAt(5, bad(3))],
  'explore(3)': ['AEVENT_INVALID_ARGUMENT', () => testing.explore(bad(3))],
};

it.each(Object.entries(refused))('%s is refused', async (_, [code, fn]) => {
  const error = await (async () => fn())().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TypeError);
  expect((error as { code?: string }).code).toBe(code);
  expect(aevent.info().tasks.live).toBe(0);
});

const limited = {
  moveOnAfter: aevent.moveOnAfter,
  moveOnAt: aevent.moveOnAt,
  failAfter: aevent.failAfter,
  failAt: aevent.failAt,
};

it.each(Object.entries(limited))('%s() is named by its own error', (name, fn) => {
  expect(() => fn(5, bad(3))).toThrow(`${name}() takes a function, not 3.`);
});
