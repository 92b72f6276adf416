// Work with timers, files and children.
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
import { join } from 'node:path';
import { sleepSync } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import aevent from 'aevent';
import { check, oneIn, pick, upTo } from './tally.mjs';

const { await_ } = aevent;
const NEVER_MS = 3_600_000;

/** @param dir - for its files. What a cancelled piece leaves in there is removed with it. */
export const systemWork = (dir) => ({
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
    const said = oneIn(2)
      ? execSync(`echo ${id}`, { encoding: 'utf8' })
      : spawnSync('cat', { input: `${id}\n` }).stdout;
    check(String(said).trim() === String(id), `a child said ${said}`);
  },
  error(id) {
    const meant = Object.assign(new Error('meant'), { code: 'MEANT' });
    const fails = [
      () => readFileSync(join(dir, 'missing', String(id))),
      () => execSync('exit 3', { stdio: 'ignore' }),
      () => await_(delay(upTo(5)).then(() => Promise.reject(meant))),
    ];
    try {
      pick(fails)();
    } catch (error) {
      if (error.code === 'ENOENT' || error === meant || error.status === 3) return;
      throw error;
    }
    check(false, 'an error was lost');
  },
  cancel() {
    let ended = 0;
    const waits = [
      () => sleepSync(NEVER_MS),
      () => spawnSync('sleep', [String(NEVER_MS)]),
      () => {
        const child = spawn('sleep', [String(NEVER_MS)], { stdio: 'ignore' });
        try {
          child.waitSync();
        } finally {
          child.kill('SIGKILL');
        }
      },
    ];
    aevent.taskGroup((tasks) => {
      for (let i = 0; i < 2; i++) {
        const wait = pick(oneIn(8) ? waits : waits.slice(0, 1));
        tasks.spawn(() => {
          try {
            wait();
          } finally {
            ended++;
          }
        });
      }
      await_(delay(upTo(10)));
      tasks.cancelScope.cancel('soaked');
    });
    check(ended === 2, `a cancelled group ended with ${ended} of its 2 tasks`);
  },
});
