// log4js: records of 200 requests at once, by its appenders that write at once and in the background, which rotate; and so
// many of each request that it is put aside between them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import log4js from 'log4js';
import { folder, MANY, manyRecords, recordsIn, threeRecords, verdict } from '../requests.mjs';

const layout = { type: 'messagePassThrough' };
const dir = folder();
log4js.configure({
  appenders: {
    sync: { type: 'fileSync', filename: join(dir, 'sync.log'), layout, maxLogSize: 4096, backups: 20 },
    many: { type: 'fileSync', filename: join(dir, 'many.log'), layout },
    file: { type: 'file', filename: join(dir, 'file.log'), layout, maxLogSize: 4096, backups: 20 },
  },
  categories: {
    default: { appenders: ['sync', 'file'], level: 'info' },
    many: { appenders: ['many'], level: 'info' },
  },
});
const log = log4js.getLogger();
await threeRecords((record) => log.info(JSON.stringify(record)));
const many = log4js.getLogger('many');
await manyRecords((record) => many.info(JSON.stringify(record)));
await new Promise((resolve) => log4js.shutdown(resolve));
for (const name of ['sync.log', 'file.log']) {
  const number = (file) => Number(file.slice(name.length + 1)) || 0;
  const files = readdirSync(dir).filter((file) => file.startsWith(name));
  const inOrder = files.sort((a, b) => number(b) - number(a)).map((file) => join(dir, file));
  console.log(`${name}, ${files.length} files: ${verdict(recordsIn(...inOrder))}`);
}
console.log(`many.log: ${verdict(recordsIn(join(dir, 'many.log')), MANY)}`);
