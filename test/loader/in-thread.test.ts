// setup({ inThread }) and AEVENT_IN_THREAD: programs get modules in threads, however they ask for them.
// More than 400 lines, since the programs of all tests are written into one folder.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, node as nodeInFixtures } from './child.js';

/** The beginning of programs over a database. */
const DATABASE = `
    import { DatabaseSync } from 'node:sqlite';
    const db = new DatabaseSync(':memory:');
    db.exec('create table t (a)');
    const count = () => db.prepare('select count(*) as n from t').get().n;
`;

const files: Record<string, string> = {
  'node_modules/thing/package.json': '{ "name": "thing", "main": "main.js" }',
  'node_modules/thing/main.js': `
    const { threadId } = require('node:worker_threads');
    class Thing {
      where() { return threadId; }
      static named = 'a thing';
    }
    module.exports = Thing;
    module.exports.Thing = Thing;
    module.exports.where = () => threadId;
    module.exports.busy = () => {
      const end = Date.now() + 100;
      while (Date.now() < end);
      return threadId;
    };
    module.exports.limits = { most: 3 };`,
  'node_modules/thing/sub.js': 'exports.where = () => require("node:worker_threads").threadId;',
  'node_modules/thing-esm/package.json':
    '{ "name": "thing-esm", "type": "module", "exports": { "import": "./main.js" } }',
  'node_modules/thing-esm/main.js': `
    import { threadId } from 'node:worker_threads';
    export const where = () => threadId;
    export default class Thing { where() { return threadId; } }
    const word = 4;
    export { word as 'any name' };`,
  'node_modules/broken/package.json': '{ "name": "broken", "main": "main.js" }',
  'node_modules/broken/main.js': 'throw new RangeError("does not load");',
  'node_modules/uses-thing/package.json': '{ "name": "uses-thing", "main": "main.js" }',
  'node_modules/uses-thing/main.js': 'exports.where = require("thing").where;',
  'forms.mjs': `
    import { createRequire, Module } from 'node:module';
    import Thing, { where, limits } from 'thing';
    import * as all from 'thing';
    import Esm, * as esm from 'thing-esm';
    import * as user from 'uses-thing';
    const require = createRequire(import.meta.url);
    const required = require('thing');
    const asked = {
      'a default import': new Thing().where(),
      'a named import': where(),
      'a namespace': all.where(),
      'a dynamic import': (await import('thing')).where(),
      'createRequire()': required.where(),
      'Module._load()': Module._load('thing', { id: 'x', filename: import.meta.filename ?? import.meta.dirname, paths: require.resolve.paths('thing') }).where(),
      'a package that requires it': user.where(),
      'an ES module': esm.where(),
      'its default': new Esm().where(),
    };
    const natively = Object.keys(asked).filter((form) => !(asked[form] > 0));
    console.log(JSON.stringify({
      natively, one: [required === Thing, all.default === Thing, all.Thing === Thing, where === Thing.where],
      limits, names: [Object.keys(all).filter((name) => name !== 'module.exports').sort(), Object.keys(esm).sort()],
      word: esm['any name'], sub: require('thing/sub.js').where(),
    }));`,
  'forms.cjs': `
    const Thing = require('thing');
    const { where } = require('thing');
    import('thing').then((all) => console.log(JSON.stringify({
      natively: [new Thing().where(), where(), all.where(), require('uses-thing').where()].filter((id) => !(id > 0)),
      one: [all.default === Thing],
      resolved: require.resolve('thing') === require('node:path').join(__dirname, 'node_modules/thing/main.js'),
    })));`,
  'setup.mjs': `
    import { createRequire } from 'node:module';
    import aevent from 'aevent';
    const earlier = createRequire(import.meta.url);
    const natively = earlier('thing').where();
    aevent.setup({ inThread: { thing: { threads: 2, inlineMs: 0 } } });
    const after = await import('thing');
    const two = await aevent.run(() => Promise.all([1, 2].map(() => aevent.call(() => after.busy()))));
    const { inThread, importedEarlier } = aevent.info();
    const required = earlier('thing') === after.default;
    aevent.setup({ inThread: [] });
    console.log(JSON.stringify({
      natively, required,       two: new Set(two).size, inThread, earlier: importedEarlier.includes('thing'), off: aevent.info().inThread,
    }));`,
  'stub.cjs': `
    const path = require.resolve('thing');
    require.cache[path] = { id: path, filename: path, loaded: true, exports: { where: () => 'a stub' } };
    console.log(JSON.stringify(require('thing').where()));`,
  'broken.mjs': `
    const { createRequire } = process.getBuiltinModule('node:module');
    const errors = [];
    await import('broken').catch((error) => errors.push(error));
    try { createRequire(import.meta.url)('broken'); } catch (error) { errors.push(error); }
    console.log(JSON.stringify(errors.map(({ name, message }) => [name, message])));`,
  'sqlite.mjs': `
    import { DatabaseSync } from 'node:sqlite';
    import * as all from 'node:sqlite';
    import { createRequire } from 'node:module';
    const other = process.getBuiltinModule('node:sqlite').DatabaseSync;
    const db = new DatabaseSync(':memory:');
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const { n } = db.prepare('with recursive c(i) as (select 1 union all select i + 1 from c where i < 3000000) select count(*) as n from c').get();
    clearInterval(timer);
    console.log(JSON.stringify({
      n, ticked: ticks > 2, one: [other === DatabaseSync, all.default.DatabaseSync === DatabaseSync,
      createRequire(import.meta.url)('node:sqlite').DatabaseSync === DatabaseSync], constants: typeof all.constants,
    }));`,
  'flow.mjs': `${DATABASE}
    const order = [];
    const work = (name) => {
      db.exec('begin');
      order.push(name + ' begins');
      setTimeout(() => {
        db.exec('insert into t values (1)');
        setImmediate(async () => {
          await null;
          db.exec('commit');
          order.push(name + ' ends');
          if (order.length === 4) console.log(JSON.stringify(order));
        });
      }, 20);
    };
    setTimeout(work, 10, 'a');
    setTimeout(work, 12, 'b');`,
  'left.mjs': `${DATABASE}
    setTimeout(() => db.exec('begin'), 10);
    setTimeout(() => {
      db.exec('insert into t values (1); commit');
      console.log(JSON.stringify(count()));
    }, 50);`,
  'split.mjs': `${DATABASE}
    import { Readable } from 'node:stream';
    let hasBegun = false;
    Readable.from(['a', 'b', 'c'])
      .on('data', (chunk) => {
        if (!hasBegun) db.exec('begin');
        hasBegun = true;
        db.prepare('insert into t values (?)').run(chunk);
      })
      .on('end', () => {
        db.exec('commit');
        console.log(JSON.stringify(count()));
      });`,
  'needs-another.mjs': `${DATABASE}
    import { connect, createServer } from 'node:net';
    const server = createServer((socket) => {
      db.exec('begin');
      socket.on('close', () => {
        db.exec('commit');
        console.log(JSON.stringify(count()));
        server.close();
      });
      socket.resume().write('begun');
    });
    server.listen(0, '127.0.0.1', () => {
      const client = connect(server.address().port, '127.0.0.1');
      client.once('data', () => {
        for (const value of [1, 2]) db.prepare('insert into t values (?)').run(value);
        client.end();
      });
      client.on('data', () => db.exec('insert into t values (3)'));
    });`,
  'interval.mjs': `${DATABASE}
    let calls = 0, inside = 0, most = 0;
    db.exec('begin');
    const timer = setInterval(() => {
      most = Math.max(most, ++inside);
      db.exec('insert into t values (1)');
      if (++calls % 3 === 0) {
        db.exec('commit');
        if (calls < 6) db.exec('begin');
        else {
          clearInterval(timer);
          setTimeout(() => console.log(JSON.stringify([count(), most])), 20);
        }
      }
      inside--;
    }, 2);`,
  'exit.mjs': `${DATABASE}
    process.on('exit', () => console.log(count()));
    setTimeout(() => {
      db.exec('begin; insert into t values (1)');
      db.exec('insert into t values (2)');
      process.exit(5);
    }, 1);`,
  'before-exit.mjs': `${DATABASE}
    process.once('beforeExit', () => console.log(count()));
    setTimeout(() => {
      db.exec('begin; insert into t values (1)');
    }, 1);`,
  'held.mjs': `
    import aevent from 'aevent';
    import { busy } from 'thing';
    busy();
    console.log(JSON.stringify(aevent.info().counters.eventsHeld));`,
  'functions.mjs': `${DATABASE}
    import { setTimeout as sleep } from 'node:timers/promises';
    const insert = (n) => db.prepare('insert into t values (?)').run(n);
    const counts = [];
    const transact = async (n) => {
      await sleep(5);
      db.exec('begin');
      insert(n);
      db.exec(n === 0 ? 'rollback' : 'commit');
    };
    await Promise.all([0, 1, 2, 3].map(transact));
    counts.push(count());
    const insertLater = async (n) => {
      await sleep(1);
      insert(n);
    };
    // Its owner's other functions are a part of this one, as they are in plain Node.
    db.exec('begin');
    await Promise.all([insertLater(4), insertLater(5)]);
    db.exec('rollback');
    counts.push(count());
    console.log(JSON.stringify(counts));`,
  'in-order.mjs': `
    import { once } from 'node:events';
    import readline from 'node:readline';
    import { PassThrough } from 'node:stream';
    import { busy } from 'thing';
    const log = [];
    const hears = (name) => {
      log.push(name);
      busy();
      log.push('end of ' + name);
    };
    const input = new PassThrough();
    const lines = readline.createInterface({ input });
    lines.on('line', hears).on('close', () => hears('close'));
    input.end('1\\n2\\n');
    await once(lines, 'close');
    await new Promise((resolve) => {
      let calls = 0;
      const timer = setInterval(() => {
        hears('call ' + ++calls);
        if (calls < 3) return;
        clearInterval(timer);
        setTimeout(resolve, 250);
      }, 5);
    });
    console.log(JSON.stringify(log));`,
  'bad.mjs': `
    import aevent from 'aevent';
    const errors = [];
    for (const inThread of [3, ['./x'], ['fs'], ['node:fs'], ['aevent'], [''], [3], ['no-such-package'], { thing: { thread: 1 } }, { thing: 1 }, { thing: { threads: 0 } }]) {
      try { aevent.setup({ inThread }); errors.push('none'); } catch (error) { errors.push(error.name + ' ' + error.code); }
    }
    console.log(JSON.stringify(errors));`,
};
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aevent-in-thread-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  symlinkSync(resolve(import.meta.dirname, '../..'), join(folder, 'node_modules/aevent'), 'junction');
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], inThread = '', more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return nodeInFixtures(args, { AEVENT_IN_THREAD: inThread, AEVENT_WARN: '0', ...more }, '', folder);
}
async function printed(...args: Parameters<typeof run>): Promise<unknown> {
  const { stdout, stderr } = await run(...args);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const ways: Record<string, readonly string[]> = {
  register: ['--import', 'aevent/register'],
  'auto by -r': ['-r', 'aevent/auto'],
  loader: ['--no-warnings', '--loader', 'aevent/loader'],
};

describe.concurrent.each(Object.entries(ways))('AEVENT_IN_THREAD under %s', (_, args) => {
  it('gives the same module in a thread to whatever an ES module asks for it by', async () => {
    expect(await printed([...args, 'forms.mjs'], 'thing, thing-esm')).toEqual({
      natively: [],
      one: [true, true, true, true],
      limits: { most: 3 },
      names: [
        ['Thing', 'busy', 'default', 'limits', 'where'],
        ['any name', 'default', 'where'],
      ],
      word: 4,
      sub: 0,
    });
  });

  it('gives it to CommonJS modules', async () => {
    expect(await printed([...args, 'forms.cjs'], 'thing')).toEqual({
      natively: [],
      one: [true],
      resolved: true,
    });
  });

  it.skipIf(!isBuiltin('node:sqlite'))('gives node:sqlite, whose queries let the loop turn', async () => {
    expect(await printed([...args, 'sqlite.mjs'], 'node:sqlite')).toEqual({
      n: 3_000_000,
      ticked: args.some((arg) => arg.endsWith('auto')) && process.env.AEVENT_BACKEND !== 'native',
      one: [true, true, true],
      constants: 'object',
    });
  });
});

describe.skipIf(!isBuiltin('node:sqlite') || process.env.AEVENT_BACKEND === 'native')('a transaction', () => {
  const auto = ['--import', 'aevent/auto'];

  it('goes on in the callbacks that are registered during it; others wait', async () => {
    expect(await printed([...auto, 'flow.mjs'], 'node:sqlite')).toEqual([
      'a begins',
      'a ends',
      'b begins',
      'b ends',
    ]);
  });

  it('of one async function is alone until that leaves it to the event loop', async () => {
    expect(await printed([...auto, 'functions.mjs'], 'node:sqlite')).toEqual([3, 3]);
  });

  it('that is open when the program ends is open for listeners of exit', async () => {
    expect(await run([...auto, 'exit.mjs'], 'node:sqlite')).toMatchObject({ stdout: '2\n', code: 5 });
    expect(await run([...auto, 'before-exit.mjs'], 'node:sqlite')).toMatchObject({ stdout: '1\n', code: 0 });
  });

  it('that one callback begins is ended by another one that waits, when nothing else is left to do', async () => {
    expect(await printed([...auto, 'split.mjs'], 'node:sqlite')).toBe(3);
  });

  it('of a callback lets others in that it needs to go on, and a warning tells', async () => {
    const { stdout, stderr } = await run([...auto, 'needs-another.mjs'], 'node:sqlite', {
      AEVENT_WARN: '',
    });
    expect(JSON.parse(stdout)).toBe(3);
    expect(stderr).toContain('AEVENT_TRANSACTION_LEFT');
  });

  it('that calls of an interval begin and end lets none of them overtake another', async () => {
    expect(await printed([...auto, 'interval.mjs'], 'node:sqlite')).toEqual([6, 1]);
  });

  it('that nothing can end any more does not keep others out for ever', async () => {
    expect(await printed([...auto, 'left.mjs'], 'node:sqlite')).toBe(1);
  });
});

it.concurrent("a thread's own messages do not wait for the code that has had it started", async () => {
  expect(await printed(['--import', 'aevent/auto', 'held.mjs'], 'thing')).toBe(0);
});

it.concurrent('events wait for a listener whose call is in a thread, and an interval for its callback', async () => {
  const plainly = await printed(['in-order.mjs']);
  expect(await printed(['--import', 'aevent/auto', 'in-order.mjs'], 'thing')).toEqual(plainly);
});

it.concurrent('setup({ inThread }) holds for what is imported or required after it, also by a require() that was made before', async () => {
  expect(await printed(['--import', 'aevent/register', 'setup.mjs'])).toEqual({
    natively: 0,
    required: true,
    two: process.env.AEVENT_BACKEND === 'native' ? 1 : 2,
    inThread: ['thing'],
    earlier: true,
    off: [],
  });
});

it.concurrent('what a program puts into require.cache is what it gets', async () => {
  expect(await printed(['--import', 'aevent/register', 'stub.cjs'], 'thing')).toBe('a stub');
});

it.concurrent('a module that throws while it is loaded does so where it is asked for', async () => {
  expect(await printed(['--import', 'aevent/register', 'broken.mjs'], 'broken')).toEqual([
    ['RangeError', 'does not load'],
    ['RangeError', 'does not load'],
  ]);
});

describe.concurrent('what makes no sense', () => {
  it('is an error of setup()', async () => {
    const invalid = 'TypeError AEVENT_INVALID_OPTIONS';
    const all = await printed(['bad.mjs']);
    expect(all).toEqual([
      ...Array.from({ length: 7 }, () => invalid),
      'AeventError AEVENT_NO_MODULE',
      'TypeError AEVENT_UNKNOWN_OPTION',
      invalid,
      invalid,
    ]);
  });

  it('is an error at the start in the environment, which lists what is valid', async () => {
    for (const text of ['./thing', 'fs', 'a b']) {
      const { code, stderr } = await run(['--import', 'aevent/register', 'forms.mjs'], text);
      expect(code).toBe(1);
      expect(stderr).toMatch(/AEVENT_IN_THREAD: ".*": .*\. Valid are names of packages.*node:sqlite/);
    }
  });

  it('is a warning where a package that the environment names is not there', async () => {
    const { code, stderr } = await run(
      ['--import', 'aevent/register', 'forms.mjs'],
      'thing,thing-esm,thong',
      {
        AEVENT_WARN: '',
      },
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/AEVENT_NO_MODULE.*"thong"/);
  });
});
