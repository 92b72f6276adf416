// Waits for messages: who is cancelled has taken none.
import workerThreads, { MessageChannel, receiveMessageSync, Worker } from 'node:worker_threads';

const LONG_MS = 60_000;

function must(holds, what) {
  if (!holds) throw new Error(what);
}

const port = (name, timeoutMs) => ({
  name,
  covers: ['worker_threads.receiveMessageSync'],
  arrange: () => ({ ...new MessageChannel(), sent: 0, got: 0 }),
  act: (state) => {
    receiveMessageSync(state.port2, timeoutMs);
    state.got++;
  },
  finish: (state) => {
    state.port1.postMessage('message');
    state.sent++;
  },
  after: ({ port1, port2, sent, got }) => {
    const left = receiveMessageSync(port2, 0);
    port1.close();
    must(!port2.hasRef(), 'the port holds the loop');
    must((left === undefined ? 0 : 1) === sent - got, 'a message was lost');
  },
});

export const modules = { worker_threads: workerThreads };

export const rows = [
  port('receiveMessageSync'),
  port('receiveMessageSync with a time-out', LONG_MS),
  {
    name: 'receiveMessageSync of a Worker',
    arrange: () => new Worker('require("worker_threads").parentPort.on("message", () => {})', { eval: true }),
    act: (worker) => receiveMessageSync(worker, LONG_MS),
    after: (worker) => worker.terminate(),
  },
];
