// Calls that wait for another process, in tasks, with a heartbeat. Child of fs-blocking.test.ts; the scenario is its argument.

import { spawn, spawnSync } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import aevent from 'aevent';

const root = fs.mkdtempSync(`${tmpdir()}/aevent-fs-`);
let beats = 0;
setInterval(() => {
  beats++;
  // The process that feeds standard input waits for these files.
  if (process.env.PULSE && beats % 6 === 0) fs.writeFileSync(`${process.env.PULSE}/${beats}`, '');
}, 5).unref();

const fifo = (name) => {
  const path = `${root}/${name}`;
  spawnSync('mkfifo', [path]);
  return path;
};

/** Beats of the heart while `work` runs. */
async function beating(work) {
  const before = beats;
  const result = await work();
  return { result, beats: beats - before };
}

const hash = () => new Promise((resolve) => pbkdf2('p', 's', 1, 8, 'sha1', resolve));

const scenarios = {
  /** Six tasks wait for pipes; the pool, which has four threads, goes on working. */
  async pool() {
    const paths = ['a', 'b', 'c', 'd', 'e', 'f'].map(fifo);
    const order = [];
    const ends = paths.map((path) => fs.openSync(path, 'r+'));
    const readers = ends.map((fd) =>
      aevent.call(() => {
        const buffer = Buffer.alloc(16);
        const count = fs.readSync(fd, buffer);
        order.push('read');
        return buffer.toString('latin1', 0, count);
      }),
    );
    await delay(20);
    await Promise.all([hash(), hash(), fs.promises.stat(root), fs.promises.readFile('/etc/passwd')]);
    order.push('pool');
    for (const fd of ends) fs.writeSync(fd, `data ${fd}`);
    const read = await Promise.all(readers);
    return { order, good: read.every((text, i) => text === `data ${ends[i]}`) };
  },

  /** As many tasks wait for FIFOs to be opened. */
  async open() {
    const paths = ['a', 'b', 'c', 'd', 'e', 'f'].map(fifo);
    const order = [];
    const readers = paths.map((path) => aevent.call(() => fs.readFileSync(path, 'utf8')));
    await delay(20);
    await Promise.all([hash(), hash(), fs.promises.stat(root)]);
    order.push('pool');
    const writers = paths.map((path) => aevent.call(() => fs.writeFileSync(path, path)));
    await Promise.all(writers);
    const read = await Promise.all(readers);
    order.push('read');
    return { order, good: read.every((text, i) => text === paths[i]) };
  },

  /** A writer that opens first waits for its reader. */
  async writer() {
    const path = fifo('a');
    const large = 'x'.repeat(300_000);
    const writer = aevent.call(() => {
      const fd = fs.openSync(path, 'w');
      const counts = [fs.writeSync(fd, large), fs.writevSync(fd, [Buffer.from('y'), Buffer.from('z')])];
      fs.closeSync(fd);
      return counts;
    });
    const { result, beats: count } = await beating(async () => {
      for (const until = beats + 6; beats < until; ) await delay(5);
      const child = spawn('sh', ['-c', `wc -c < ${path}`]);
      let text = '';
      for await (const chunk of child.stdout) text += chunk;
      return text.trim();
    });
    return { result, counts: await writer, beating: count > 5 };
  },

  /** A blocking handshake over two FIFOs, as two shell scripts would do it, opened in the same order. */
  async handshake() {
    const [there, back] = ['there', 'back'].map(fifo);
    const server = aevent.call(() => {
      const input = fs.openSync(there, 'r');
      const output = fs.openSync(back, 'w');
      const buffer = Buffer.alloc(64);
      const count = fs.readSync(input, buffer);
      fs.writeSync(output, `echo ${buffer.toString('latin1', 0, count)}`);
      fs.closeSync(input);
      fs.closeSync(output);
    });
    const client = aevent.call(() => {
      const output = fs.openSync(there, 'w');
      const input = fs.openSync(back, 'r');
      fs.writeSync(output, 'hello');
      fs.closeSync(output);
      const answer = fs.readFileSync(input, 'utf8');
      fs.closeSync(input);
      return answer;
    });
    await server;
    return client;
  },

  /** Two tasks write more than a pipe holds; their bytes do not mix. */
  async atomic() {
    const fd = fs.openSync(fifo('a'), 'r+');
    const size = 200_000;
    const writers = ['a', 'b'].map((letter) => aevent.call(() => fs.writeSync(fd, letter.repeat(size))));
    const reader = aevent.call(() => {
      const buffer = Buffer.alloc(2 * size);
      for (let at = 0; at < buffer.length; ) at += fs.readSync(fd, buffer, at, buffer.length - at);
      return buffer.toString('latin1').replace(/(.)\1+/g, '$1');
    });
    return { counts: await Promise.all(writers), runs: await reader };
  },

  /** Several tasks read from one pipe: each chunk goes to one of them, the first first. */
  async readers() {
    const fd = fs.openSync(fifo('a'), 'r+');
    const readers = [1, 2, 3].map((id) =>
      aevent.call(() => {
        const buffer = Buffer.alloc(1);
        fs.readSync(fd, buffer);
        return `${id}${buffer}`;
      }),
    );
    for (const letter of 'abc') {
      await delay(10);
      fs.writeSync(fd, letter);
    }
    return Promise.all(readers);
  },

  /** Standard input, whatever it is. */
  async stdin() {
    const { result, beats: count } = await beating(() => aevent.call(() => fs.readFileSync(0, 'utf8')));
    return { text: result, beating: count > 5 };
  },
  async 'stdin-lines'() {
    return aevent.call(() => {
      const buffer = Buffer.alloc(100);
      const reads = [];
      for (let count = fs.readSync(0, buffer); count > 0; count = fs.readSync(0, buffer)) {
        reads.push(buffer.toString('utf8', 0, count));
      }
      return reads.join('');
    });
  },
  async 'dev-stdin'() {
    const { result, beats: count } = await beating(() =>
      aevent.call(() => fs.readFileSync('/dev/stdin', 'utf8')),
    );
    return { text: result, beating: count > 5 };
  },

  /** Both ends know each other's errors. */
  async errors() {
    const path = fifo('a');
    const fd = fs.openSync(path, 'r+');
    const readEnd = fs.openSync(path, 'r');
    const quiet = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const attempt = (work) => {
      try {
        return work();
      } catch ({ code, syscall, errno, message }) {
        return [code, syscall, errno, message];
      }
    };
    const all = () => [
      attempt(() => fs.readSync(quiet, Buffer.alloc(4))),
      attempt(() => fs.readSync(fd, Buffer.alloc(4), 0, 4, 0)),
      attempt(() => fs.writeSync(readEnd, 'x')),
      attempt(() => fs.writeSync(fd, 'x', 3)),
      attempt(() => fs.readSync(fd, Buffer.alloc(4), 9)),
      attempt(() => fs.openSync(path, 'wx')),
      attempt(() => fs.closeSync(fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK))),
    ];
    const natively = all();
    const inTask = await aevent.call(all);
    const broken = await aevent.call(() =>
      attempt(() => {
        const other = fifo('b');
        const reader = fs.openSync(other, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
        const writer = fs.openSync(other, 'w');
        fs.closeSync(reader);
        return fs.writeSync(writer, 'x');
      }),
    );
    return { same: JSON.stringify(natively) === JSON.stringify(inTask), natively, inTask, broken };
  },

  /** A cancelled wait gives back what it holds, and pool threads. */
  async cancel() {
    const path = fifo('a');
    const lonely = fifo('c');
    const held = fs.openSync(fifo('b'), 'r+');
    const before = fs.readdirSync('/proc/self/fd').length;
    const ended = [];
    await aevent
      .run(async () => {
        const group = aevent.createTaskGroup();
        const waits = [
          ...[1, 2, 3, 4].map(() => () => fs.openSync(path, 'r')),
          () => fs.openSync(lonely, 'w'),
          () => fs.readSync(held, Buffer.alloc(4)),
          () => fs.readSync(held, Buffer.alloc(4)),
        ];
        const scopes = waits.map((wait) =>
          group.spawn(() => {
            try {
              wait();
            } catch (error) {
              ended.push(error.name);
              throw error;
            }
          }),
        );
        await delay(20);
        for (const scope of scopes) scope.cancel();
        await group[Symbol.asyncDispose]?.();
      })
      .catch((error) => ended.push(String(error)));
    await delay(20);
    await Promise.all([1, 2, 3, 4, 5].map(() => fs.promises.stat(root)));
    return { ended, leaked: fs.readdirSync('/proc/self/fd').length - before };
  },

  /** What a cancelled task closes is closed, also where the loop is to turn first. */
  async close() {
    aevent.setup({ policy: { fs: 'always' } });
    const before = fs.readdirSync('/proc/self/fd').length;
    const ended = [];
    const group = aevent.createTaskGroup();
    const scope = group.spawn(() => {
      const [fd, dir] = [fs.openSync(root), fs.opendirSync(root)];
      try {
        aevent.await_(new Promise(() => {}));
      } finally {
        setImmediate(() => ended.push('turned'));
        fs.closeSync(fd);
        dir.closeSync();
        ended.push('closed');
      }
    });
    while (fs.readdirSync('/proc/self/fd').length !== before + 2) await delay(5);
    scope.cancel();
    await group[Symbol.asyncDispose]?.();
    return { ended, leaked: fs.readdirSync('/proc/self/fd').length - before };
  },

  /** The process ends although a task waits. */
  async exit() {
    const path = fifo('a');
    aevent.call(() => fs.openSync(path, 'r')).catch(() => {});
    await delay(20);
    console.log(JSON.stringify('leaving'));
    fs.rmSync(root, { recursive: true, force: true });
    process.exit(3);
  },

  /** Files of all sizes, trees, and a heart that goes on beating. */
  async trees() {
    for (let i = 0; i < 60; i++) {
      fs.mkdirSync(`${root}/from/${i}`, { recursive: true });
      for (let j = 0; j < 20; j++) fs.writeFileSync(`${root}/from/${i}/${j}.js`, `${j}`);
    }
    const turns = async (work) => {
      let count = 0;
      let isDone = false;
      const turn = () => {
        count++;
        if (!isDone) setImmediate(turn);
      };
      turn();
      await aevent.call(work);
      isDone = true;
      return count;
    };
    const counts = {
      cp: await turns(() => fs.cpSync(`${root}/from`, `${root}/to`, { recursive: true })),
      readdir: await turns(() => fs.readdirSync(`${root}/to`, { recursive: true })),
      glob: fs.globSync ? await turns(() => fs.globSync('**/*.js', { cwd: `${root}/to` })) : 99,
      rm: await turns(() => fs.rmSync(`${root}/to`, { recursive: true })),
    };
    // From Node 26 on readdir is one job of the pool, which may be done before the loop has turned twice.
    const least = { cp: 5, readdir: 0, glob: 5, rm: 5 };
    return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count > least[name]]));
  },
};

const name = process.argv[2];
const result = await scenarios[name]();
fs.rmSync(root, { recursive: true, force: true });
console.log(JSON.stringify(result));
process.exit(0);
