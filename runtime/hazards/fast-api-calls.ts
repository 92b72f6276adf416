// Since V8 13 (Node 24) optimised code may call a function of Node's directly ("fast API calls": Buffer.byteLength()), and
// the collector may run in there. Where that code is, V8 keeps in one place for all stacks: those that are put aside are
// taken for the running one, whose references the collector then changes twice, and theirs never. What follows is a
// string with another one's text, or the end of the process. So no such calls are compiled in. That costs Node's http server 0.5 to 1 µs
// of 27 for a request (Node 24, hello world, in pairs of processes with the flag and without it): it asks for the loop's time and for the
// lengths of strings.
// Guarded by test/runtime/hazards/fast-api-calls.test.ts.

import { builtin } from '../base/builtins.js';
import { messageOf } from '../base/describe.js';
import { features } from '../base/features.js';
import { fastCallsMayCollect, flags } from '../base/node-features.js';
import { preloadsAevent, separatePreloads } from '../base/preload-options.js';
import { some } from '../base/primordials.js';

type Session = import('node:inspector').Session;

const process = builtin<typeof import('node:process')>('process');
const { setFlagsFromString } = builtin<typeof import('node:v8')>('v8');

/** Keeps V8 from compiling such calls. Before the program, if it can be: code that has them is given up. */
export function refuseFastCalls(): void {
  if (!fastCallsMayCollect || process.env.AEVENT_BACKEND === 'native') return;
  setFlagsFromString('--no-turbo-fast-api-calls');
  if (some(separatePreloads(flags).preloads, preloadsAevent)) return;
  try {
    forgetOptimizedCode();
  } catch (error) {
    features.fastApiCalls = `off: code that was optimised before aevent was loaded may have them (${messageOf(error)})`;
  }
}

/** V8 gives up all optimised code when it begins to count calls. Takes 5 to 10 ms. */
function forgetOptimizedCode(): void {
  // To end the counting would end the program's own.
  if (process.env.NODE_V8_COVERAGE !== undefined) throw new Error('NODE_V8_COVERAGE is set');
  const session = new (builtin<typeof import('node:inspector')>('inspector').Session)();
  session.connect();
  try {
    post(session, 'Profiler.enable');
    post(session, 'Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    post(session, 'Profiler.stopPreciseCoverage');
  } finally {
    session.disconnect();
  }
}

// In the same thread the answer comes before post() returns.
function post(session: Session, method: string, params: object = {}): void {
  session.post(method, params, (error) => {
    if (error !== null) throw error;
  });
}
