// Children that reach a program: their listeners run in tasks, and `waitSync()` waits for their end.
import type { ChildProcess } from 'node:child_process';
import { builtin } from '../../../runtime/base/builtins.js';
import { requirePortal } from '../../../runtime/suspension/portal.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { members } from '../../kit/prototype-members.js';
import { taskClass } from '../../kit/replace-class.js';
import { waitForEvent } from '../events/wait-for-event.js';

/** How a child ended. */
export interface Exit {
  /** The exit status; null if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it; null if it exited by itself. */
  readonly signal: NodeJS.Signals | null;
}

declare module 'node:child_process' {
  interface ChildProcess {
    /**
     * Suspends the current task until the child has exited. Always a checkpoint, unless it has exited already.
     * @throws {@link NoPortalError} where nothing can be suspended
     * @throws Node's error if the child could not be started
     */
    waitSync(): Exit;
  }
}

type ChildProcessClass = typeof import('node:child_process').ChildProcess;

const real: ChildProcessClass = builtin<typeof import('node:child_process')>('child_process').ChildProcess;

/** The class of the children that reach a program. */
export const ChildProcessInTasks: ChildProcessClass = taskClass(
  real,
  { ...listenersInTasks(real.prototype), ...members({ waitSync }) },
  { calledFirst: ['spawn'] },
);

function waitSync(this: ChildProcess): Exit {
  requirePortal('child.waitSync()');
  if (this.exitCode === null && this.signalCode === null) {
    // Not as `spawnSync()`, which ends by itself: a child whose output is not read meanwhile may never end.
    waitForEvent<void>(this, `waitSync of child process ${this.spawnfile}`, {
      exit: (wait) => wait.resolve(),
      // A child that runs can have errors too (a failed kill or send): they are its listeners' business.
      ...(this.pid === undefined && { error: (wait, error: never) => wait.reject(error) }),
    });
  }
  return { code: this.exitCode, signal: this.signalCode };
}
