import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

const testFiles = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file.replaceAll('\\', '/')}`);

/** Starts programs, and runs nothing of aevent in its own process. */
const onlyStartsPrograms = (file: string): boolean =>
  !/ from '[./]+\/(dist|support)\/|\bimport\(/.test(readFileSync(file, 'utf8'));

const programs = testFiles.filter(onlyStartsPrograms);
/** Leave aevent as they have found it. */
const structures = testFiles.filter(
  (file) =>
    !programs.includes(file) &&
    /^test\/runtime\/(cancellation|modules\/(?!arguments)|tasks\/(task|runner))/.test(file),
);
/** Call what aevent has in the place of Node's functions, and nothing of how tasks are run. */
const calls = testFiles.filter(
  (file) =>
    !programs.includes(file) &&
    /^test\/(monkey\/builtins\/(child_process|crypto|dns|http|net|readline|tls)|runtime\/threads)/.test(file),
);
const together = [...programs, ...structures, ...calls];

/** The same order in each run: files that share a process are to find it as they did the last time. */
class ByName extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    return [...files].sort((one, other) => (one.moduleId < other.moduleId ? -1 : 1));
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    // Of tests that mostly wait for programs: more at a time would take the processors from each other.
    maxConcurrency: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: ByName },
    // Tests import the built package, as users do. Inlined by vite there would be two copies of it: two hubs.
    server: { deps: { external: [/\/dist\//] } },
    // A file has a process of its own, unless it does not need one: to start one and load vitest takes a third of a second.
    projects: [
      { extends: true, test: { name: 'programs', include: programs, isolate: false } },
      { extends: true, test: { name: 'structures', include: structures, isolate: false } },
      { extends: true, test: { name: 'calls', include: calls, isolate: false } },
      {
        extends: true,
        test: { name: 'apart', include: testFiles.filter((file) => !together.includes(file)) },
      },
    ],
  },
});
