// better-sqlite3: 200 requests at once on one connection insert records and read them back, write to a file in between, and
// count in transactions, some of which are rolled back; a function of SQL writes to a file, too.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { folder, recordsIn, requests, threeRecords, verdict } from '../requests.mjs';

const STEPS = 3;
const dir = folder();
const db = new Database(join(dir, 'records.db'));
db.pragma('journal_mode = WAL');
db.exec(`create table single (id integer, step integer);
  create table grouped (id integer, step integer);
  create table noted (id integer, step integer);
  create table counter (n integer);
  insert into counter values (0)`);
const inTable = (table) => db.prepare(`select id, step from ${table} order by rowid`).all();
const insertInto = (table) => db.prepare(`insert into ${table} values (@id, @step)`);
const append = (file, record) => appendFileSync(join(dir, file), `${JSON.stringify(record)}\n`);

const single = insertInto('single');
const stepsOf = db.prepare('select step from single where id = ? order by rowid').pluck();
await threeRecords((record) => {
  single.run(record);
  append('single', record);
  if (stepsOf.all(record.id).length !== record.step + 1)
    throw new Error(`reads other than ${record.id} wrote`);
});
console.log(`single: ${verdict(inTable('single'))}; in the file: ${verdict(recordsIn(join(dir, 'single')))}`);

const grouped = insertInto('grouped');
const count = db.prepare('select n from counter').pluck();
const setCount = db.prepare('update counter set n = ?');
const write = db.transaction((id, fails) => {
  for (let step = 0; step < STEPS; step++) grouped.run({ id, step });
  setCount.run(count.get() + 1);
  if (fails) throw new RangeError('to be rolled back');
});
let rolledBack = 0;
await requests((id) => {
  try {
    write(id, true);
  } catch (error) {
    if (error instanceof RangeError) rolledBack++;
    else throw error;
  }
  readFileSync(import.meta.filename);
  write.immediate(id, false);
  append('grouped', { id });
});
const rows = inTable('grouped');
const together = rows.every(({ id, step }, i) => step === i % STEPS && id === rows[i - step].id);
console.log(
  `grouped: ${verdict(rows)}${together ? ', together' : ', scattered'}; counted ${count.get()}, ${rolledBack} rolled back`,
);

db.function('note', (id, step) => {
  append('noted', { id, step });
  return step;
});
const noted = db.prepare('insert into noted values (@id, note(@id, @step))');
await threeRecords((record) => noted.run(record));
console.log(`noted: ${verdict(inTable('noted'))}; in the file: ${verdict(recordsIn(join(dir, 'noted')))}`);

const steps = new Set(db.prepare('select step from noted').pluck().iterate());
console.log(
  `${db.pragma('integrity_check', { simple: true })}, ${steps.size} different steps, in a transaction: ${db.inTransaction}`,
);
db.close();
