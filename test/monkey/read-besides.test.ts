// monkey/kit/stopped-streams.ts, monkey/kit/streams-left.ts: streams that several parts of a program read.
import { testAsPlainly } from './as-plainly.js';

await testAsPlainly('A stream that is read besides a listener that blocks', [['read-besides.mjs']]);
