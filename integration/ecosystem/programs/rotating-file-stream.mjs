// rotating-file-stream: records of 200 requests at once, to files that are rotated by size.
import { join } from 'node:path';
import { createStream } from 'rotating-file-stream';
import { folder, recordsIn, threeRecords, verdict } from '../requests.mjs';

const path = folder();
const name = (time, index) => (time ? `${index}.log` : 'now.log');
const stream = createStream(name, { path, size: '4K' });
const files = [];
stream.on('rotated', (file) => files.push(file));
await threeRecords((record) => stream.write(`${JSON.stringify(record)}\n`));
await new Promise((resolve) => stream.end(resolve));
console.log(`${files.length + 1} files: ${verdict(recordsIn(...files, join(path, 'now.log')))}`);
