// The two ways to run a row's tasks. `together(count, fn)` calls fn(0) … fn(count - 1) at once, as far as that
// goes, and gives what each returned or threw; `wait(promise)` is how synchronous code waits for a promise.

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
  together: (count, fn) => Promise.all(Array.from({ length: count }, async (_, i) => outcomeOf(fn, i))),
};

/** Under aevent: each call is a task of one task group. */
export async function inTasks() {
  const { default: aevent } = await import('aevent');
  return {
    wait: aevent.await_,
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
