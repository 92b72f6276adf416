// `npm test`: set-up, lint, the package, and the test suite on every supported Node with both backends.
//   npm test -- --node 22 --backend fiber [vitest filter…]     only that part of the suite
// The last line is "N passed, N failed"; the exit code is 1 if anything failed.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkPackage } from './package/check.mjs';
import { checkPrograms } from './programs.mjs';
import { leftOut } from './scopes.mjs';
import { checkSoak } from './soak/run.mjs';
import { install } from './support/install.mjs';
import { ensureNode, NODE_MAJORS } from './support/node-versions.mjs';
import { buildNativeCores, buildTypeScript, installDependencies, root } from './support/setup.mjs';
import { runCommand, runVitest } from './support/vitest-run.mjs';

const BACKENDS = ['fiber', 'thread'];
/** As many as the processors that CI has: with three the whole takes a tenth less, and tests of time have been seen to fail. */
const PARALLEL_RUNS = 2;
/** Of more failures in one suite the machine is not the cause. */
const MOST_UNSTEADY = 3;
/** How often a test that failed beside other suites has to pass by itself. */
const RUNS_ALONE = 2;

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', multiple: true }, backend: { type: 'string', multiple: true } },
});
const majors = values.node?.map(Number) ?? NODE_MAJORS;
const backends = values.backend ?? BACKENDS;
const everything = !values.node && !values.backend && filters.length === 0;

const total = { passed: 0, failed: 0 };
/** Suites of which a few assertions failed beside others: they are judged when nothing else runs. */
const doubted = [];

/** Runs a job that returns counts and output; prints a line, and the output when something failed. */
async function record(name, job) {
  const startMs = Date.now();
  let result;
  try {
    result = await job();
  } catch (error) {
    result = { passed: 0, failed: 1, output: error.stack };
  }
  const { passed, failed, skipped = 0, output, again } = result;
  total.passed += passed;
  if (again) doubted.push({ name, failed, again });
  else total.failed += failed;
  if (failed > 0 || passed === 0) console.log(`\n──── ${name}\n${output}\n────`);
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
  const skips = skipped > 0 ? `, ${skipped} skipped` : '';
  console.log(
    `${failed > 0 ? 'FAILED' : 'ok'}  ${name}: ${passed} passed, ${failed} failed${skips} (${seconds} s)`,
  );
  return failed === 0;
}

const asOneTest = ({ ok, how, output }) => ({
  passed: Number(ok),
  failed: Number(!ok),
  output: `${output}${how}`,
});

async function setUp() {
  // Downloaded while the rest is installed and compiled.
  const nodes = Promise.all(majors.map((major) => ensureNode(major)));
  nodes.catch(() => {}); // it is awaited below, unless the rest fails first
  installDependencies();
  buildTypeScript();
  await nodes;
  await buildNativeCores(majors);
  // Once, and not by several tests at the same time.
  install(join(root, 'integration/drop-ins'));
  return { passed: 1, failed: 0 };
}

async function suite(major, backend) {
  const { bin, version } = await ensureNode(major);
  const name = `Node ${version} ${backend}`;
  const isFirstOfNode = backend === backends[0];
  const args = [...filters, ...leftOut({ isFirst: isFirstOfNode && major === majors[0], isFirstOfNode })];
  const run = (filters) => runVitest({ name, node: bin, env: { AEVENT_BACKEND: backend }, args: filters });
  return [
    name,
    async () => {
      const result = await run(args);
      return doubt(result, result.failedFiles, run);
    },
  ];
}

async function programs() {
  const result = await checkPrograms({ alone: false });
  return doubt(result, result.failures, (pairs) => checkPrograms({ pairs }));
}

/** Adds to a result with a few failures of assertions how they are run again: {@link judgeAgain}. */
function doubt(result, failures, run) {
  const isDoubtful = failures.length > 0 && result.failed <= MOST_UNSTEADY;
  return isDoubtful ? { ...result, again: () => run(failures) } : result;
}

/**
 * Runs the files of a few failed assertions again, by themselves. A machine that stands still for a second while two suites
 * share it, fails tests that are right. Those that pass now are named: such a test, or what it tests, is to be mended all the same.
 * Crashes, hangs and broken files have failed in any case.
 */
async function judgeAgain({ name, failed, again }) {
  let output = '';
  for (let i = 0; i < RUNS_ALONE; i++) {
    const alone = await again();
    if (alone.failed === 0 && alone.passed > 0) continue;
    output = alone.output;
    break;
  }
  if (output === '') {
    total.passed += failed;
    console.log(
      `UNSTEADY  ${name}: ${failed} failed above, beside other suites, and passed ${RUNS_ALONE} times alone`,
    );
  } else {
    total.failed += failed;
    console.log(`\n──── ${name}, alone\n${output}\n────\nFAILED  ${name}, alone as well`);
  }
}

async function main() {
  if (!(await record('set-up', setUp))) return;
  const jobs = await Promise.all(majors.flatMap((major) => backends.map((backend) => suite(major, backend))));
  if (everything) {
    // The longest jobs come first, so that no processor is idle at the end.
    jobs.unshift(['programs', programs]);
    jobs.push(['package', checkPackage], ['soak', checkSoak]);
    jobs.push(['lint', async () => asOneTest(await runCommand('npm', ['run', '--silent', 'lint']))]);
  }
  const workers = Array.from({ length: PARALLEL_RUNS }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await record(...job);
  });
  await Promise.all(workers);
  // Another program on the same processors would keep their loops longer than they are allowed to be kept.
  if (everything) await record('handlers that block', () => checkPrograms({ alone: true }));
  for (const suite of doubted) await judgeAgain(suite);
}

await main();
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
