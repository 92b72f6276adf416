// Parked calls as a list, with which one waits for which: what the end of a process prints, when nothing is left that could wake
// them, and what an exit handler is told that waits too long.
import { each, join, push } from '../base/primordials.js';
import { dumpWith } from '../process-end/deadlock-report.js';
import type { Context } from '../suspension/context.js';
import { parkedOnCarriers, stackOnCarrier, timesOnCarrier } from '../suspension/suspension.js';
import { nameOfWork } from './names.js';
import { waitLine } from './print.js';
import { ProgramFrames } from './program-frames.js';
import { treeOf } from './tree.js';
import { tellOf } from './wait-text.js';

/** A line and a stack for each parked call of a context that `isMeant`, then the deadlocks. */
export function printParked(isMeant: (context: Context) => boolean = () => true): string {
  const frames = new ProgramFrames();
  const lines: string[] = [];
  parkedOnCarriers((carrier, wait) => {
    if (!isMeant(wait.context)) return;
    const forMs = timesOnCarrier(carrier).waitedNs / 1e6;
    push(lines, `  ${nameOfWork(wait.context)}: ${waitLine({ text: tellOf(wait).text, forMs })}\n`);
    for (const frame of each(frames.of(stackOnCarrier(carrier)))) push(lines, `    at ${frame}\n`);
  });
  for (const { text } of each(treeOf(false, true).deadlocks)) push(lines, `  deadlock: ${text}\n`);
  return join(lines, '');
}

/** Has {@link describeParked} print so. */
export function printParkedAtExit(): void {
  dumpWith(printParked);
}
