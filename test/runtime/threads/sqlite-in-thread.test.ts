// A transaction has its connection for itself: other tasks wait their turn, first come, first served.
import { isBuiltin } from 'node:module';
import { expect, it } from 'vitest';
import { call, checkpoint, inThread, run } from '../../../dist/runtime/index.js';
import { thrownBy, together } from '../../support/tools.js';

const isNative = process.env.AEVENT_BACKEND === 'native';
const open = () => {
  const { DatabaseSync } = inThread<typeof import('node:sqlite')>('node:sqlite');
  const db = new DatabaseSync(':memory:');
  db.exec('create table t (i integer)');
  return db;
};
const count = (db: ReturnType<typeof open>) => db.prepare('select count(*) as n from t').get()?.n;

it.skipIf(!isBuiltin('node:sqlite') || isNative)(
  'twenty tasks that begin and end transactions never mix',
  async () => {
    const order: number[] = [];
    await run(async () => {
      const db = open();
      await together(20, (index) => {
        db.exec('begin');
        order.push(index);
        const insert = db.prepare('insert into t values (?)');
        for (let row = 0; row < 5; row++) {
          insert.run(index);
          checkpoint();
        }
        order.push(index);
        db.exec(index % 2 === 1 ? 'rollback' : 'commit');
      });
      expect(count(db)).toBe(50);
    });
    expect(order).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 2)));
  },
);

it.skipIf(!isBuiltin('node:sqlite') || isNative)(
  'a task that ends in a transaction does not keep others out',
  async () => {
    await run(async () => {
      const db = open();
      await call(() => db.exec('begin'));
      await call(() => db.exec('insert into t values (1); commit'));
      expect(count(db)).toBe(1);
    });
  },
);

it.skipIf(!isBuiltin('node:sqlite') || isNative)(
  'code that blocks is refused while a suspended task has the connection',
  async () => {
    let db: ReturnType<typeof open> | undefined;
    let hasBegun = (): void => {};
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve;
    });
    let goOn = (): void => {};
    const going = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const holding = run(async () => {
      db = open();
      db.exec('begin');
      hasBegun();
      await going;
      db.exec('commit');
    });
    await begun;
    expect(thrownBy(() => db?.exec('select 1'))).toMatchObject({ code: 'AEVENT_THREAD_BUSY' });
    goOn();
    await holding;
    db.exec('select 1');
  },
);

it.skipIf(!isBuiltin('node:sqlite'))(
  'rows, blobs, errors and functions of the program are as without a thread',
  async () => {
    const body = (): void => {
      const db = open();
      db.function('twice', (n: unknown) => Number(n) * 2);
      expect(db.prepare("select twice(2) as n, x'6869' as b").get()).toEqual({
        n: 4,
        b: new Uint8Array([104, 105]),
      });
      expect(thrownBy(() => db.exec('nonsense'))).toMatchObject({ name: 'Error', code: 'ERR_SQLITE_ERROR' });
      db.exec('insert into t values (1), (2), (3)');
      expect([...db.prepare('select i from t').iterate()].map(({ i }) => i)).toEqual([1, 2, 3]);
      db.close();
      expect(thrownBy(() => db.exec('select 1'))).toMatchObject({ code: 'ERR_INVALID_STATE' });
    };
    body();
    await run(body);
  },
);
