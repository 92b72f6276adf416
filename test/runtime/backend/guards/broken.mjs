// --import: breaks, before aevent starts, the part that BREAK names. What the native addon asks of the system is broken
// by interpose.c.
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import inspector from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Not earlier: it would take in what is to be broken.
const native = () => import('../../../../dist/runtime/native/load.js').then(({ loadNative }) => loadNative());
const { post } = inspector.Session.prototype;

const breakages = {
  async 'microtask slot'() {
    const binding = await native();
    const { installPump } = binding;
    binding.installPump = (slot = 1) => installPump(slot);
  },
  async 'self-test'() {
    const binding = await native();
    const { wake } = binding;
    binding.wake = (id) => {
      binding.wake = wake;
      return wake(id + 1);
    };
    const { unsupported } = binding;
    binding.unsupported = (name) => {
      if (name === 'thread') binding.wake = wake;
      return unsupported(name);
    };
  },
  async 'stack limit'() {
    const binding = await native();
    binding.probeStackLimit = () => "where V8 keeps the stack's limit was not found by probing";
    binding.hasRoom = () => true; // as the native addon does, which knows no limit then
  },
  async 'no fibers'() {
    const binding = await native();
    const { unsupported } = binding;
    binding.unsupported = (name) => (name === 'fiber' ? process.env.REASON : unsupported(name));
  },
  async frames() {
    const binding = await native();
    binding.runningFrames = () => '';
  },
  bindings() {
    process.binding = () => ({});
  },
  'no inspector'() {
    inspector.Session.prototype.connect = () => {
      throw new Error('the inspector is not for you');
    };
  },
  'no closure'() {
    inspector.Session.prototype.post = function (method, params, callback) {
      if (method === 'Runtime.getProperties') callback(null, { result: [] });
      else Reflect.apply(post, this, [method, params, callback]);
    };
  },
  'other arrays'() {
    inspector.Session.prototype.post = function (method, params, callback) {
      const to = /globalThis\["aevent[^\]]*\]/.exec(params.functionDeclaration ?? '')?.[0];
      if (method === 'Runtime.callFunctionOn' && to !== undefined) {
        const wrap = '{ async_hook_fields: new Float64Array(9), constants: {} }';
        const expression = `${to} = [{ object: { async_wrap: ${wrap} } }, {}]`;
        Reflect.apply(post, this, ['Runtime.evaluate', { expression }, callback]);
      } else Reflect.apply(post, this, [method, params, callback]);
    };
  },
  // As if Node kept the stores elsewhere when aevent looks.
  'context frames'() {
    const { run } = AsyncLocalStorage.prototype;
    AsyncLocalStorage.prototype.run = (_store, fn) => {
      AsyncLocalStorage.prototype.run = run;
      return fn();
    };
  },
  flags() {
    process.execArgv.length = 0;
  },
  musl() {
    const file = join(tmpdir(), `aevent-musl-${process.pid}`);
    writeFileSync(file, '\x7fELF…/lib/ld-musl-x86_64.so.1');
    process.execPath = file;
  },
};

await breakages[process.env.BREAK]();
