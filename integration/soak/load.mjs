// The load of the soak: each task takes one piece of work after the other until the time is up. Every piece checks its
// own outcome, and is counted when it begins and when it ends, so that a wake-up that is missed cannot hide.
import { execSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import aevent from 'aevent';

const { await_ } = aevent;
const MISSED_MS = 30_000;

/** Counts of one kind of work: begun, done, and ended by an error that was meant. */
export const counts = {};

class Wrong extends Error {}
const check = (truth, what) => {
  if (!truth) throw new Wrong(what);
};
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const upTo = (most) => Math.floor(Math.random() * most);

const kinds = (dir, port) => ({
  timer() {
    const startMs = performance.now();
    const ms = upTo(40);
    check(await_(delay(ms, 'woken')) === 'woken', 'a timer gave another value');
    check(performance.now() - startMs >= ms - 2, 'a timer was early');
  },
  burst() {
    const values = await_(
      Promise.all([1, 2, 3].map((n) => aevent.call(() => n + await_(Promise.resolve(n))))),
    );
    check(values.join() === '2,4,6', `calls gave ${values}`);
  },
  builtin() {
    const sorted = [3, 1, 2].sort((a, b) => a - b + await_(delay(upTo(3), 0)));
    check(sorted.join() === '1,2,3', `sort gave ${sorted}`);
  },
  file(id) {
    const file = join(dir, `${id}`);
    const content = `${id} `.repeat(upTo(40_000));
    writeFileSync(file, content);
    appendFileSync(file, '.');
    check(readFileSync(file, 'utf8') === `${content}.`, `${file} has another content`);
    check(statSync(file).size === Buffer.byteLength(content) + 1, `${file} has another size`);
    rmSync(file);
  },
  tree(id) {
    const top = join(dir, `tree-${id}`);
    mkdirSync(join(top, 'a/b'), { recursive: true });
    writeFileSync(join(top, 'a/b/c'), 'c');
    check(readdirSync(top, { recursive: true }).length === 3, 'a directory has other entries');
    rmSync(top, { recursive: true });
  },
  child(id) {
    const shell = upTo(2) === 0;
    const said = shell
      ? execSync(`echo ${id}`, { encoding: 'utf8' })
      : spawnSync('cat', { input: `${id}\n` }).stdout;
    check(String(said).trim() === String(id), `a child said ${said}`);
  },
  socket(id) {
    const text = `${id}:${'x'.repeat(upTo(20_000))}\n`;
    const answer = await_(
      new Promise((resolve, reject) => {
        let got = '';
        const socket = connect(port, '127.0.0.1', () => socket.end(text));
        socket.setEncoding('utf8').on('data', (part) => {
          got += part;
        });
        socket.on('close', () => resolve(got)).on('error', reject);
      }),
    );
    check(answer === text, 'a socket gave back something else');
  },
  error(id) {
    const fails = pick([
      () => readFileSync(join(dir, 'missing', String(id))),
      () => execSync('exit 3', { stdio: 'ignore' }),
      () =>
        await_(
          delay(upTo(5)).then(() => Promise.reject(Object.assign(new Error('meant'), { code: 'MEANT' }))),
        ),
    ]);
    try {
      fails();
    } catch (error) {
      check(error.code === 'ENOENT' || error.code === 'MEANT' || error.status === 3, `${error}`);
      return;
    }
    check(false, 'an error was lost');
  },
  cancel() {
    let child;
    let ended = 0;
    const outcome = await_(
      aevent.runner((tasks) => {
        const waits = [
          () => await_(delay(MISSED_MS * 10, undefined, { ref: false })),
          () => spawnSync('sleep', ['300']),
          () => {
            child = spawn('sleep', ['300'], { stdio: 'ignore' });
            try {
              child.waitSync?.();
            } finally {
              child.kill('SIGKILL');
            }
          },
        ];
        for (let i = 0; i < 2; i++) {
          tasks.spawn(() => {
            try {
              pick(waits.slice(0, upTo(8) === 0 ? 3 : 1))();
            } finally {
              ended++;
            }
          });
        }
        await_(delay(upTo(10)));
        tasks.cancelScope.cancel('soaked');
        return 'cancelled';
      }),
    );
    check(
      outcome === 'cancelled' && ended === 2,
      `a cancelled group gave ${outcome}, with ${ended} of 2 tasks ended`,
    );
  },
});

const shares = {
  timer: 30,
  burst: 15,
  builtin: 15,
  file: 12,
  tree: 3,
  child: 2,
  socket: 12,
  error: 6,
  cancel: 5,
};
const lots = Object.entries(shares).flatMap(([kind, share]) => Array.from({ length: share }, () => kind));

/** Has `live` tasks work until `isOver()`; resolves when all have ended. Errors that were not meant are its result. */
export async function load({ live, dir, port, isOver }) {
  const work = kinds(dir, port);
  const wrong = [];
  let lastId = 0;
  const worker = () => {
    while (!isOver()) {
      const kind = pick(lots);
      counts[kind] ??= { begun: 0, ended: 0 };
      counts[kind].begun++;
      // A wake-up that is missed would leave this task parked: the timer tells which one.
      const missed = setTimeout(() => wrong.push(`${kind} did not end in ${MISSED_MS} ms`), MISSED_MS);
      try {
        work[kind](++lastId);
      } catch (error) {
        wrong.push(`${kind}: ${error.stack}`);
      } finally {
        clearTimeout(missed);
        counts[kind].ended++;
      }
    }
    return 'over';
  };
  const ends = await Promise.all(
    Array.from({ length: live }, () => aevent.call(worker).catch((error) => error)),
  );
  for (const end of ends) if (end !== 'over') wrong.push(`a task ended with ${end?.stack ?? end}`);
  return wrong;
}
