// pino: to a standard output that is read slowly (see run.mjs), to a file in batches, and by a transport in a Worker.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';

const plain = { base: null, timestamp: false };
const dir = mkdtempSync(join(tmpdir(), 'aevent-pino-'));
const log = pino({ ...plain, redact: ['secret'] });
const child = log.child({ part: 'child' });

const batched = pino.destination({ dest: join(dir, 'batched'), sync: false, minLength: 4096 });
const toFile = pino(plain, batched);
for (let i = 0; i < 2_000; i++) toFile.info({ i }, 'to a file');
await new Promise((resolve) => batched.flush(resolve));
batched.end();
log.info(`${readFileSync(join(dir, 'batched'), 'utf8').split('\n').length} lines in batches`);

const transport = pino.transport({ target: 'pino/file', options: { destination: join(dir, 'worker') } });
const inWorker = pino(plain, transport);
for (let i = 0; i < 2_000; i++) inWorker.info({ i }, 'by a worker');
const held = setInterval(() => {}, 1_000); // the Worker does not hold the process
transport.end();
await new Promise((resolve) => transport.on('close', resolve));
clearInterval(held);
log.info(`${readFileSync(join(dir, 'worker'), 'utf8').split('\n').length} lines by a worker`);

child.error(Object.assign(new Error('an error'), { stack: 'its stack' }));
log.warn({ secret: 'hidden', shown: true }, 'with %s', 'arguments');
// Well beyond what a pipe holds.
for (let i = 0; i < 5_000; i++) log.info({ i, text: 'x'.repeat(100) }, 'line');
rmSync(dir, { recursive: true });
