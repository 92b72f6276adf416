// What the tests of each runner check, with the modules that it has given them: in most, those of a `vm` context.

/** @returns titles, and synchronous functions that throw where something is wrong */
exports.checksOf = ({ aevent, childProcess, threading }) => {
  const equal = (actual, expected) => {
    if (actual !== expected) throw new Error(`${actual} is not ${expected}`);
  };
  return {
    'commands run at once': () => {
      let running = 0;
      let atOnce = 0;
      const say = (text) => {
        atOnce = Math.max(atOnce, ++running);
        const said = childProcess.execSync(`sleep 0.2; echo ${text}`, { encoding: 'utf8' }).trim();
        running--;
        return said;
      };
      const said = aevent.taskGroup((tg) =>
        ['a', 'b', 'c'].map((text) => tg.startSoon(say, text)).map((handle) => handle.wait()),
      );
      equal(said.join(), 'a,b,c');
      equal(atOnce, 3);
    },
    'promises and async functions of this realm are waited for': () => {
      equal(aevent.await(new Promise((resolve) => setTimeout(resolve, 5, 'ok'))), 'ok');
      equal(aevent.await((async () => await null)()), null);
      const failing = async () => {
        await null;
        throw new RangeError('no');
      };
      try {
        aevent.await(failing());
      } catch (error) {
        return equal(error instanceof RangeError, true);
      }
      throw new Error('nothing was thrown');
    },
    'Atomics.wait suspends': () => {
      const array = new Int32Array(new SharedArrayBuffer(4));
      setTimeout(() => Atomics.notify(array, 0), 5);
      equal(Atomics.wait(array, 0, 0, 60_000), 'ok');
    },
    'a lock is handed from task to task': () => {
      const lock = new threading.Lock();
      const order = [];
      aevent.taskGroup((tg) => {
        tg.startSoon(() => {
          lock.acquire();
          aevent.await(new Promise((resolve) => setTimeout(resolve, 5)));
          order.push(1);
          lock.release();
        });
        tg.startSoon(() => {
          lock.acquire();
          order.push(2);
          lock.release();
        });
      });
      equal(order.join(), '1,2');
    },
    'the backend is one that suspends, and was made once': () => {
      equal(['fiber', 'thread'].includes(aevent.info().backend), true);
      equal(aevent.info().installed, true);
    },
  };
};
