// A child process as libuv's handles, without the emitter and the streams that Node makes of them: these call what a
// program can replace, process.nextTick for one, and Node drops ticks while the process is exiting.
//
// How the native spawn() wants its arguments differs between versions of Node, whose own ChildProcess knows. So that makes
// the pipes and the call, and gets no further.
import { builtin } from '../../../runtime/base/builtins.js';
import type { PipeHandle } from './bindings.js';

/** One child; what the methods give is 0 or a libuv error. */
export interface ProcessHandle {
  readonly pid: number;
  onexit: (exitCode: number, signal: string) => void;
  spawn(...given: unknown[]): number;
  kill(signal: number): number;
  close(): void;
}

/** An entry of `stdio` as Node has completed it. */
export interface OpenedStdio {
  readonly type: string;
  /** Of a pipe: our end. Of a stream that the child is given: that stream's. */
  readonly handle?: PipeHandle;
}

/** The child and pipes that {@link startChild} made. */
export interface StartedChild {
  readonly process: ProcessHandle;
  readonly stdio: readonly OpenedStdio[];
  /** 0, or the libuv error for which there is no child. */
  readonly error: number;
}

interface Child {
  _handle: Pick<ProcessHandle, 'spawn'>;
}

interface Options {
  stdio: unknown;
}

const { ChildProcess } = builtin<{
  ChildProcess: { new (): Child; prototype: { spawn(options: object): number } };
}>('child_process');
const { spawn } = ChildProcess.prototype;
const { apply } = Reflect;

/** Thrown through Node's function when it has done what it is called for. */
const enough: unique symbol = Symbol('enough');

/**
 * Starts a child. Nothing is closed if that fails.
 * @param options - what Node's spawnSync gives to its native half, but `stdio` in the forms that spawn() takes
 */
export function startChild(options: Options): StartedChild {
  const child = new ChildProcess();
  const process = child._handle as ProcessHandle;
  let error = 0;
  child._handle = {
    spawn(...given) {
      error = apply(process.spawn, process, given);
      throw enough;
    },
  };
  try {
    apply(spawn, child, [options]);
  } catch (thrown) {
    if (thrown !== enough) throw thrown;
  }
  return { process, stdio: options.stdio as readonly OpenedStdio[], error };
}
