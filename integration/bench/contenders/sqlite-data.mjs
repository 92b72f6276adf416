// A database in a file of its own, for the servers beside this file, and what they ask of it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Database from 'better-sqlite3';

export const ITEM = 'select * from items where id = ?';
/** Takes some 50 ms. */
export const REPORT =
  'select count(*) as n, max(a.score * b.score) as most from items a, items b where a.id <= 400 and b.id <= 1000';

/** Makes the file. */
export function makeFile() {
  const file = join(mkdtempSync(join(tmpdir(), 'aevent-bench-')), 'items.db');
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.exec('create table items (id integer primary key, name text, score real)');
  const insert = db.prepare('insert into items (name, score) values (?, ?)');
  db.transaction(() => {
    for (let i = 1; i <= 1000; i++) insert.run(`item ${i}`, i / 3);
  })();
  db.close();
  return file;
}

/** A route that tells how long the event loop was kept since it was asked last, and what the processor did. */
export function gapRoute() {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  return (_request, response) => {
    const { user, system } = process.cpuUsage();
    response.json({ p99: delay.percentile(99) / 1e6, cpuUs: user + system });
    delay.reset();
    delay.enable();
  };
}
