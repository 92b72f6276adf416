// The module is an emitter, and Node goes on assigning to it (`settings`, `workers`, `worker`): an object beside it would
// miss both. So programs get a proxy, as of `process`.
import type { Cluster, Worker as ClusterWorker } from 'node:cluster';
import { builtin } from '../../../runtime/base/builtins.js';
import { adopt } from '../../kit/adopt.js';
// Children have listeners, too: `worker.process`.
import '../child_process/task-child.js';
import { starting } from '../../kit/emitter-factory.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { noteDriver, noteWorker } from '../../kit/kin.js';
import { taskClass } from '../../kit/replace-class.js';

/** Node's own module. */
export const real: Cluster = builtin<Cluster>('cluster');

const realWorker: typeof ClusterWorker = real.Worker;
const Worker: typeof ClusterWorker = taskClass(realWorker, listenersInTasks(realWorker.prototype));

const replacements = new Map<unknown, unknown>([[realWorker, Worker]]);
for (const [name, { value }] of Object.entries(listenersInTasks(real))) {
  replacements.set(Reflect.get(real, name), value);
}
// A worker process has none.
if (typeof real.fork === 'function') replacements.set(real.fork, forking(real.fork));

function forking(fork: Cluster['fork']): Cluster['fork'] {
  const forks = starting(fork);
  return new Proxy(forks, {
    apply(target, self, args) {
      const worker: ClusterWorker = Reflect.apply(target, self, args);
      adopt(worker.process);
      noteDriver(worker, worker.process);
      noteWorker(real, worker);
      return worker;
    },
  });
}

/** The names of Node's that have a replacement. */
export const implemented: readonly string[] = Object.getOwnPropertyNames(real).filter((key) =>
  replacements.has(Reflect.get(real, key)),
);

/** The module that programs get. */
export const cluster: Cluster = new Proxy(real, {
  get(target, key) {
    const value: unknown = Reflect.get(target, key);
    return replacements.get(value) ?? (key === 'worker' ? adopt(value) : value);
  },
});
