// The switch alone, below all of the runtime: a carrier that parks for ever again, woken and run from the main stack.
import { Shared } from '../../../dist/runtime/native/binding.js';
import { loadNative } from '../../../dist/runtime/native/load.js';
import { interleave } from '../interleave.mjs';

const STACK_BYTES = 2 * 1024 * 1024;

const native = loadNative();
const reason = native.unsupported(process.argv[2]);
if (reason) {
  process.send({ reason }, () => process.exit());
} else {
  const shared = native.start(process.argv[2], STACK_BYTES);
  // A macrotask: on the main stack, with no microtask running.
  setImmediate(async () => {
    let id;
    native.enter(() => {
      id = shared[Shared.current];
      for (;;) native.park();
    });
    const roundTrips = (times) => {
      for (let i = 0; i < times; i++) {
        native.wake(id);
        native.drain();
      }
    };
    const measured = await interleave({ 'round trip': roundTrips });
    process.send(measured, () => process.exit());
  });
}
