// Prints what vitest's own reporters leave out: which file a hung or crashed worker was at, and the signal that killed it.
import { subscribe } from 'node:diagnostics_channel';
import { relative } from 'node:path';

// Node publishes every child process on this channel; in vitest's main process those are its workers.
subscribe('child_process', ({ process: child }) => {
  child.once('exit', (_code, signal) => {
    if (signal && signal !== 'SIGTERM') console.log(`worker ${child.pid} was killed by ${signal}`);
  });
});

export default class StartedFiles {
  onTestModuleQueued({ moduleId }) {
    console.log(`▶ ${relative(process.cwd(), moduleId)}`);
  }
}
