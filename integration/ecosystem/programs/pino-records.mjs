// pino: records of 200 requests at once, by a destination that writes at once, one that does it in the background, one that
// is flushed synchronously by each request, and one that is reopened in the middle, as for rotation. At last each request
// writes so many that it is put aside between them.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { folder, MANY, manyRecords, recordsIn, threeRecords, verdict } from '../requests.mjs';

const plain = { base: null, timestamp: false };
const dir = folder();
const ended = (stream) => new Promise((resolve) => stream.once('close', resolve).end());

for (const [name, options] of Object.entries({
  sync: { sync: true },
  background: { sync: false },
  batches: { sync: false, minLength: 4096 },
  fsync: { sync: true, fsync: true },
})) {
  const dest = join(dir, name);
  const destination = pino.destination({ dest, ...options });
  const log = pino(plain, destination);
  await threeRecords((record) => {
    log.info(record);
    if (name === 'batches' && record.step === 2) destination.flushSync();
  });
  await ended(destination);
  console.log(`${name}: ${verdict(recordsIn(dest))}`);
}

const dest = join(dir, 'rotated');
const destination = pino.destination({ dest, sync: true });
const log = pino(plain, destination);
let files = 1;
await threeRecords((record) => {
  log.info(record);
  if (record.id % 50 !== 0 || record.step !== 1) return;
  renameSync(dest, `${dest}.${files++}`);
  destination.reopen();
});
await ended(destination);
const rotated = Array.from({ length: files - 1 }, (_, i) => `${dest}.${i + 1}`);
console.log(`${files} files: ${verdict(recordsIn(...rotated, dest))}`);

const many = pino.destination({ dest: join(dir, 'many'), sync: true });
const manyLog = pino(plain, many);
await manyRecords((record) => manyLog.info(record));
await ended(many);
console.log(`many: ${verdict(recordsIn(join(dir, 'many')), MANY)}`);
