// Which test files depend on what. A file that is not named here depends on both the Node version and the backend, and runs
// with each pair of them. Those that depend on less run as often as it takes: that is a third of the time of `npm test`.

/** Tests of this repository's own tools, of types and of words: they run once. */
export const ONCE = [
  'test/documents/links.test.ts',
  'test/integration/**',
  'test/runtime/modules/threading/types.test.ts',
  'test/whole/torture/usage.test.ts',
  'test/whole/torture/watchdog.test.ts',
];

/**
 * Tests of how Node loads modules, of Node's surface, and of documents: once for each Node version, with `fiber`. A count of
 * suspensions says so of those of monkey/ and runtime/: but for the self-test of the start there is none (none that the backend's
 * name in the environment has a say in, where a backend is named beside the file).
 */
export const ONCE_A_NODE = [
  'test/documents/documents.test.ts',
  'test/loader/agents.test.ts',
  'test/loader/auto.test.ts',
  'test/loader/builtins.test.ts',
  'test/loader/cli.test.ts',
  'test/loader/commands/**',
  'test/loader/copies.test.ts',
  'test/loader/in-thread.test.ts',
  'test/loader/report.test.ts',
  'test/loader/resolve/redirect.test.ts',
  'test/loader/source-workers.test.ts',
  'test/loader/warnings.test.ts',
  'test/loader/ways-in.test.ts',
  'test/loader/windows.test.ts',
  'test/monkey/builtins/fs/compare.test.ts',
  'test/monkey/builtins/globals.test.ts',
  'test/monkey/builtins/stream/every-module.test.ts',
  'test/monkey/contract.test.ts',
  'test/monkey/patched-by-program.test.ts',
  'test/runtime/backend/setup.test.ts', // asks for each backend itself
  'test/runtime/base/preload-options.test.ts',
  'test/runtime/native/load.test.ts',
  'test/runtime/tooling/debug.test.ts',
  'test/runtime/tooling/profiler-signal.test.ts', // with `thread`
];

/**
 * The arguments that leave out of a run of vitest the files that another run has.
 * @param isFirst - the run that has the files of {@link ONCE}
 * @param isFirstOfNode - the run that has those of {@link ONCE_A_NODE}
 */
export function leftOut({ isFirst, isFirstOfNode }) {
  const files = [...(isFirst ? [] : ONCE), ...(isFirstOfNode ? [] : ONCE_A_NODE)];
  return files.flatMap((file) => ['--exclude', file]);
}
