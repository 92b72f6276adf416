// process.setuid() and its kin, on a carrier: glibc signals every thread, and waits for each to answer that it has
// changed its identity. On a borrowed stack it takes itself for another thread and waits for ever for the one it
// runs on, so the call is made on the main stack. Guarded by test/runtime/credentials.test.ts.
import { onMain } from './on-main.js';
import type { AnyFunction } from './patch.js';

const names = ['setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups'] as const;

/** Has the process's identity changed on the main stack, whoever asks. */
export function setCredentialsOnMain(): void {
  const functions = process as unknown as Record<string, AnyFunction | undefined>;
  for (const name of names) {
    const original = functions[name];
    // Absent on Windows; in Workers, where they refuse, `disabled` says so.
    if (original === undefined) continue;
    Object.defineProperty(process, name, {
      ...Object.getOwnPropertyDescriptor(process, name),
      value: onMain(original),
    });
  }
}
