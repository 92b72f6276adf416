// Starts the tools that the environment asks for: AEVENT_TRACE, AEVENT_DEBUG=blocking, and AEVENT_REPORT=file, by
// which `aevent report` gets both in silence. runtime/observing/start.ts starts it with the rest.
import { builtin } from '../base/builtins.js';
import { messageOf } from '../base/describe.js';
import { AeventError } from '../base/errors.js';
import { features } from '../base/features.js';
import { watchBlocking } from '../tooling/blocking.js';
import { debugOptions } from '../tooling/debug.js';
import { startTrace, traceFromEnvironment } from '../tooling/timeline.js';
import { replacementState } from './setup-listeners.js';

const process = builtin<typeof import('node:process')>('process');
const REPORT_BLOCKING_MS = 20;

/**
 * Starts them.
 * @throws TypeError for a value that they do not know; {@link AeventError} `AEVENT_TRACE_FILE`
 */
export function startRecording(): void {
  const { blockingMs } = debugOptions();
  const report = process.env.AEVENT_REPORT;
  const reports = report !== undefined && report !== '';
  if (reports) startTrace(report);
  else traceFromEnvironment();
  const by = blockingMs === undefined ? 'AEVENT_REPORT' : 'AEVENT_DEBUG=blocking';
  if (blockingMs === undefined && !reports) return;
  try {
    watchBlocking(blockingMs ?? REPORT_BLOCKING_MS, by, replaced, blockingMs === undefined);
  } catch (error) {
    // The program runs all the same, as it does where nothing can be suspended.
    if (!(error instanceof AeventError)) throw error;
    features.blocking = `off: ${messageOf(error)}`;
    process.emitWarning(`What blocks the event loop is not seen. ${messageOf(error)}`, {
      type: 'AeventWarning',
      code: error.code,
    });
  }
}

const replaced = (): readonly string[] => replacementState()?.replaced ?? [];

/** See {@link watchBlocking}. */
export function setBlocking(ms: unknown, by: string): void {
  watchBlocking(ms, by, replaced);
}
