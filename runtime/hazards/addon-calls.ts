// Addons that keep something in thread-local variables (all that are written in Rust do) would find other ones in each task
// under the backend `thread`. So what JavaScript calls of them is carried out on the main stack (native/node/addon-calls.h): that
// has to be arranged before they are loaded. Of those that were loaded earlier the program is told.
// Guarded by test/runtime/native/addon-locals.test.ts.
import { builtin } from '../base/builtins.js';
import type { NativeBinding } from '../native/binding.js';
import { loadNative } from '../native/load.js';

const process = builtin<typeof import('node:process')>('process');
const { basename } = builtin<typeof import('node:path')>('path');
const { emitWarning } = process;

/** To be called as early as can be in a process that asks for `thread`. Why it cannot be done the start of the backend tells. */
export function prepareForAddons(): void {
  try {
    loadNative().callAddonsOnMain();
  } catch {
    // As said.
  }
}

/** Has addons be called on the main stack, and warns of those that cannot. Empty, or why none can. */
export function callAddonsOnMain(binding: NativeBinding): string {
  const failure = binding.callAddonsOnMain();
  const files = binding.addonsOffMain().split('\n').slice(0, -1);
  if (files.length > 0 && process.env.AEVENT_WARN !== '0') {
    const names = files.map((file) => basename(file)).join(', ');
    const message =
      `The addon ${names} keeps something for each thread and was loaded before aevent's backend 'thread' was asked for. Tasks, ` +
      'which are threads to it, do not find it: its calls may fail. Set AEVENT_BACKEND=thread and start the program with ' +
      '`node --import aevent/register`, or use the backend fiber.';
    const detail = `${files.join('\n')}\nAEVENT_WARN=0 turns this warning off.`;
    Reflect.apply(emitWarning, process, [
      message,
      { type: 'AeventWarning', code: 'AEVENT_ADDON_THREADS', detail },
    ]);
  }
  return failure;
}
