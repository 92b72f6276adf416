// Facts about the drop-in for `deasync`, told as JSON. The package is not installed here. Arguments: `main`, for those
// about the main stack; `hooks`, beside an async hook.
const { createHook } = require('node:async_hooks');
const deasync = require('deasync');

if (process.argv.includes('hooks')) createHook({ init() {}, before() {} }).enable();

const facts = {};
const code = (fn) => {
  try {
    fn();
    return undefined;
  } catch (error) {
    return error.code ?? error.message;
  }
};
const eventually = (ms) => {
  const flag = { done: false };
  setTimeout(() => {
    flag.done = true;
  }, ms);
  return flag;
};

function everywhere(place) {
  const flag = eventually(10);
  deasync.loopWhile(() => !flag.done);
  let settled = false;
  Promise.resolve().then(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await null;
    settled = true;
  });
  deasync.loopWhile(() => !settled);
  let immediate = false;
  setImmediate(() => {
    immediate = true;
  });
  while (!immediate) deasync.runLoopOnce();
  deasync.sleep(2);
  facts[`${place}: loopWhile(), runLoopOnce(), sleep()`] = flag.done && settled && immediate;
  const add = deasync(function (n, done) {
    setImmediate(done, null, this.base + n);
  });
  facts[`${place}: value, this, arguments`] = add.call({ base: 1 }, 2) === 3;
  facts[`${place}: error`] =
    code(() => deasync((done) => setTimeout(done, 1, new Error('boom')))()) === 'boom';
  facts[`${place}: at once`] = deasync((done) => done(null, 'now'))() === 'now';
}

async function afterAwait() {
  await null;
  everywhere('after an await');
  const { default: imported, sleep } = await import('deasync');
  facts['import and require give the same'] = imported === deasync && sleep === deasync.sleep;
  // The first to wait is the last to go on, each after the one before it has.
  const order = [];
  const release = setInterval(() => {
    released = 3 - order.length;
  }, 1);
  let released = 4;
  await Promise.all(
    [1, 2, 3].map(async (turn) => {
      await null;
      deasync.loopWhile(() => released > turn);
      order.push(turn);
    }),
  );
  clearInterval(release);
  facts['waits end in the order of what they wait for'] = order.join() === '3,2,1';
  const aevent = await import('aevent');
  await aevent.call(() => {
    facts['native() is respected'] = aevent.native(() => code(() => deasync.sleep(1))) === 'AEVENT_NO_PORTAL';
  });
}

everywhere('top level');
if (process.argv.includes('main')) {
  facts['main stack: what cannot happen is an error'] =
    code(() => deasync.loopWhile(() => true)) === 'AEVENT_DEADLOCK';
}
setTimeout(() => {
  everywhere('timer');
  afterAwait().then(() => console.log(JSON.stringify(facts)));
}, 1);
