// The child process of one row: node [--import aevent/register] row.mjs <row file> <natively | aevent>.
// Tells its parent what the row is, when it begins to be measured, and what came out.
import { startHeartbeat } from '../support/heartbeat.mjs';
import { inTasks, natively } from './ways.mjs';

const [file, way] = process.argv.slice(2);
const { row, prepare, run, cleanUp } = await import(file);
process.send({ row });

const prepared = await prepare?.();
const tools = way === 'aevent' ? await inTasks(row) : natively;
process.send({ running: true });

const stopHeartbeat = startHeartbeat();
const begin = performance.now();
const { results, atOnce } = await run(tools, prepared);
const totalMs = performance.now() - begin;
const gapMs = stopHeartbeat();

await cleanUp?.(prepared);
process.send({ outcome: { results, atOnce, totalMs, gapMs } });
process.disconnect();
