// winston: records of 200 requests at once, to two files.
import { join } from 'node:path';
import winston from 'winston';
import { folder, recordsIn, threeRecords, verdict } from '../requests.mjs';

const files = ['one', 'two'].map((name) => join(folder(), name));
const log = winston.createLogger({
  transports: files.map((filename) => new winston.transports.File({ filename })),
});
await threeRecords((record) => log.info({ message: 'record', ...record }));
const finished = log.transports.map(
  (transport) => new Promise((resolve) => transport.once('finish', resolve)),
);
log.end();
await Promise.all(finished);
for (const file of files) console.log(verdict(recordsIn(file)));
