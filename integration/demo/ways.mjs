// The two ways to run a row's tasks. `together(count, fn)` calls fn(0) … fn(count - 1) at once, as far as that
// goes, and gives what each returned or threw; `wait(promise)` is how synchronous code waits for a promise. `start(fn)` calls fn
// as work of its own; `sliced(ms, fn)` computes fn and lets others run each so many milliseconds, and `limited(ms, fn)` ends it then.

function outcomeOf(fn, i) {
  try {
    return fn(i);
  } catch (error) {
    return String(error).split('\n')[0];
  }
}

/** Plain Node: all that synchronous code can do with a promise is to hand it on. */
export const natively = {
  wait: (promise) => promise,
  start: (fn) => fn(),
  sliced: (_, fn) => fn(),
  limited: (_, fn) => fn(),
  together: (count, fn) => Promise.all(Array.from({ length: count }, async (_, i) => outcomeOf(fn, i))),
};

/** Under aevent: each call is a task of one task group. `isSliced` rows find aevent as a server has it after its first slice. */
export async function inTasks({ isSliced }) {
  const { default: aevent } = await import('aevent');
  // Learns once a process, in some milliseconds, where V8 can be interrupted.
  if (isSliced) await aevent.call(() => aevent.preemptible(() => {}));
  return {
    wait: aevent.await_,
    start: aevent.call,
    sliced: (sliceMs, fn) => aevent.preemptible(fn, { sliceMs })(),
    limited: (limitMs, fn) => aevent.failAfter(limitMs, () => aevent.preemptible(fn)),
    async together(count, fn) {
      const results = Array(count).fill('did not end');
      await aevent.run(async () => {
        // `await using` written out: Node 22 and older cannot parse it.
        const group = aevent.createTaskGroup();
        try {
          for (let i = 0; i < count; i++) {
            group.spawn(() => {
              results[i] = outcomeOf(fn, i);
            });
          }
        } finally {
          await group[Symbol.asyncDispose]();
        }
      });
      return results;
    },
  };
}
