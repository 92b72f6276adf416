// What watches a program from its start because the environment asks for it: AEVENT_TRACE, AEVENT_DEBUG=blocking,
// and AEVENT_REPORT=file, by which `aevent report` gets both in silence.
import { builtin } from '../base/builtins.js';
import { watchBlocking } from '../tooling/blocking.js';
import { debugOptions } from '../tooling/debug.js';
import { startTrace, traceFromEnvironment } from '../tooling/timeline.js';
import { replacementState } from './setup-listeners.js';

const process = builtin<typeof import('node:process')>('process');
const REPORT_BLOCKING_MS = 20;

let started = false;

/**
 * Starts them, once.
 * @throws TypeError for a value that they do not know; {@link AeventError} for one that cannot work here
 */
export function startTools(): void {
  if (started) return;
  started = true;
  const { blockingMs } = debugOptions();
  const report = process.env.AEVENT_REPORT;
  if (report !== undefined && report !== '') {
    startTrace(report);
    if (blockingMs === undefined) watchBlocking(REPORT_BLOCKING_MS, 'AEVENT_REPORT', replaced, true);
  } else traceFromEnvironment();
  if (blockingMs !== undefined) setBlocking(blockingMs, 'AEVENT_DEBUG=blocking');
}

const replaced = (): readonly string[] => replacementState()?.replaced ?? [];

/** See {@link watchBlocking}. */
export function setBlocking(ms: unknown, by: string): void {
  watchBlocking(ms, by, replaced);
}
