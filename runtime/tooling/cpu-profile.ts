// V8's profiler drops the samples that it takes while a carrier runs (see native/node/sampler.h). While a profile is being
// taken, carriers give samples of their own. Whether one is being taken cannot be asked, but noticed:
// - `--cpu-prof` takes one from the start;
// - a session of node:inspector in this thread starts and stops one by post();
// - a debugger that is attached from outside cannot be seen, so an open inspector counts as a profile (inspector.ts).
// For the rest (a native profiler) there are AEVENT_PROFILE=1 and setup().
// Guarded by test/runtime/tooling/cpu-profile.test.ts.
import { builtin } from '../base/builtins.js';
import { AeventError } from '../base/errors.js';
import { flags } from '../base/node-features.js';
import type { NativeBinding } from '../native/binding.js';
import { callOnMain } from '../suspension/native-core.js';
import type { InspectorWatch } from './inspector.js';

const process = builtin<typeof import('node:process')>('process');

/** V8's own default. */
const defaultIntervalUs = 1000;

let binding: NativeBinding | undefined;
let forced: boolean | undefined;
let outside = false;
let intervalUs = defaultIntervalUs;
let sampling = false;
/** Sessions in this thread that take a profile. */
const profiling = new Set<unknown>();

/** Connects to a started native addon, and looks whether a profile is being taken already. */
export function startCpuProfile(native: NativeBinding): void {
  binding = native;
  intervalUs = Number(optionValue('--cpu-prof-interval')) || defaultIntervalUs;
  const asked = process.env.AEVENT_PROFILE;
  if (forced === undefined && asked !== undefined && asked !== '') forced = asked !== '0';
  outside = flags.includes('--cpu-prof');
  try {
    update();
  } catch (error) {
    binding = undefined; // the core is stopped
    throw error;
  }
}

/** Hears of the inspector. */
export const profileWatch: InspectorWatch = {
  opened() {
    outside = true;
    update();
  },
  profiler(session, method, params, send) {
    // V8's sampler watches the thread that starts it, which must be the main one.
    const result = callOnMain(send);
    if (method === 'Profiler.setSamplingInterval') {
      intervalUs = Number((params as { interval?: number } | undefined)?.interval) || defaultIntervalUs;
    } else if (method === 'Profiler.start') {
      profiling.add(session);
      update();
    } else if (method === 'Profiler.stop' || method === 'Profiler.disable') {
      profiling.delete(session);
      update();
    }
    return result;
  },
};

/** Switches the sampling of carriers on or off, whatever seems to be going on. */
export function forceCpuProfile(on: boolean): void {
  forced = on;
  update();
}

function update(): void {
  const wanted = forced ?? (outside || profiling.size > 0);
  if (binding === undefined || wanted === sampling) return;
  const status = binding.sampleCarriers(wanted ? intervalUs : 0);
  if (status < 0) {
    throw new AeventError(
      'AEVENT_NO_SAMPLER',
      `the system gave no thread to sample carriers with (libuv error ${status}): a CPU profile would lack what runs in tasks.`,
    );
  }
  sampling = wanted;
}

function optionValue(name: string): string | undefined {
  const at = flags.findIndex((flag) => flag === name || flag.startsWith(`${name}=`));
  return flags[at]?.includes('=') ? flags[at].slice(name.length + 1) : flags[at + 1];
}
