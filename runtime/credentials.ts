// process.setuid() and its kin, on a carrier: glibc signals every thread, and waits for each to answer that it has
// changed its identity. On a borrowed stack it takes itself for another thread and waits for ever for the one it
// runs on, so the call is made on the main stack. Guarded by test/runtime/credentials.test.ts.
import type { NativeBinding } from './native/binding.js';

const names = ['setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups'] as const;

/** Has the process's identity changed on the main stack, whoever asks. */
export function setCredentialsOnMain(binding: NativeBinding): void {
  for (const name of names) {
    const original = (process as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>)[
      name
    ];
    // Absent on Windows and in workers.
    if (original === undefined) continue;
    const onMain = {
      [name]: (...args: unknown[]) => binding.callOnMain(() => Reflect.apply(original, process, args)),
    };
    Object.defineProperty(process, name, {
      ...Object.getOwnPropertyDescriptor(process, name),
      value: Object.defineProperty(onMain[name] as object, 'length', { value: original.length }),
    });
  }
}
