// The child process of one row: node [--import aevent/register] row.mjs <row file> <natively | aevent>.
// Tells its parent what the row is, when it begins to be measured, and what came out.
import { startBeats } from '../support/heartbeat.mjs';
import { inTasks, natively } from './ways.mjs';

/** The share of gaps that are no exception. */
const USUAL = 0.9;

const [file, way] = process.argv.slice(2);
const { row, prepare, run, cleanUp } = await import(file);
process.send({ row });

const prepared = await prepare?.();
const tools = way === 'aevent' ? await inTasks(row) : natively;
process.send({ running: true });

const stopBeats = startBeats();
const begin = performance.now();
const { results, atOnce } = await run(tools, prepared);
const totalMs = performance.now() - begin;
const { longestMs: gapMs, ownMs } = stopBeats();

await cleanUp?.(prepared);
process.send({ outcome: { results, atOnce, totalMs, gapMs, ownGapMs: ownMs(1), usualGapMs: ownMs(USUAL) } });
process.disconnect();
