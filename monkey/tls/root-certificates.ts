// Node keeps its store of root certificates in a thread_local, and takes each carrier for a thread. A second store for one
// Environment ends the process: "Assertion failed: (insertion_info.second) == (true)", in CleanupQueue::Add().
import { builtin } from '../../runtime/builtins.js';
import { callOnMain } from '../../runtime/suspension.js';

type AddRootCerts = (this: object) => void;

// With authorities of its own, a context has no use for the store.
const { context } = builtin<typeof import('node:tls')>('tls').createSecureContext({ ca: [] });
const native = Object.getPrototypeOf(context) as { addRootCerts: AddRootCerts };
const { addRootCerts } = native;

native.addRootCerts = function (this: object): void {
  callOnMain(() => addRootCerts.call(this));
};
