// Real packages, unmodified: programs that must print the same plainly, under aevent/register and under aevent/auto;
// servers whose handlers block; and the tests that packages ship. Run by ../programs.mjs
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { install } from '../support/install.mjs';
import { firstDifference, runChild, WAYS } from '../support/run-child.mjs';
import { POSTGRES, REDIS } from '../support/services.mjs';
import { runVitest } from '../support/vitest-run.mjs';
import { GAP_MS, REQUESTS, TIMES_EVENTED } from './handlers/limits.mjs';
import { runSuite, SUITES } from './suites.mjs';

const AEVENT_WAYS = Object.keys(WAYS).filter((way) => way !== 'plainly');
const NEEDS = { ioredis: REDIS, pg: POSTGRES };
/** The least Node of packages that have no core for an older one: there better-sqlite3 ends the process, without aevent, too. */
const LEAST_NODE = { 'better-sqlite3': 22 };
const READ_SLOWLY = 'pino';
const HELPERS = ['serve', 'evented', 'rounds', 'limits'];

const folder = import.meta.dirname;
const namesIn = (dir) => readdirSync(join(folder, dir)).map((file) => basename(file, '.mjs'));

/** The results of `run` for each way. Programs mostly wait, and run at once unless they would share a server. */
async function inEachWay(run, atOnce) {
  if (atOnce) return Promise.all(Object.keys(WAYS).map(run));
  const runs = [];
  for (const way of Object.keys(WAYS)) runs.push(await run(way));
  return runs;
}

async function checkProgram(name, config, env) {
  const args = [join('programs', `${name}.mjs`)];
  const options = { cwd: folder, env, slowly: name === READ_SLOWLY };
  const [plain, ...others] = await inEachWay((way) => runChild(config, way, args, options), !NEEDS[name]);
  if (plain.ended !== 0)
    throw new Error(`fails without aevent (${plain.ended})\n${plain.stdout}${plain.stderr}`);
  for (const [at, way] of AEVENT_WAYS.entries()) {
    const run = others[at];
    if (run.ended !== 0 || run.stderr !== plain.stderr)
      throw new Error(`under aevent/${way}: ended with ${run.ended}\n${run.stderr}`);
    if (run.stdout !== plain.stdout)
      throw new Error(`under aevent/${way}, ${firstDifference(plain.stdout, run.stdout)}`);
  }
  return `${plain.stdout.length} characters, the same under ${AEVENT_WAYS.join(' and ')}`;
}

/** The gap of a handler's program: under aevent with handlers that block, natively with events. */
async function handlersGap(name, config, way, env) {
  const run = await runChild(config, way, [join('handlers', `${name}.mjs`)], { cwd: folder, env });
  if (run.ended !== 0) throw new Error(`${way}: ${run.ended}\n${run.stdout}${run.stderr}`);
  return JSON.parse(run.stdout);
}

async function checkHandlers(name, config) {
  const seen = [];
  let longestMs = 0;
  for (const way of AEVENT_WAYS) {
    const env = way === 'register' ? { IN_A_TASK: '1' } : {};
    const { atOnce, longestGapMs } = await handlersGap(name, config, way, env);
    seen.push(`${way}: ${atOnce} of ${REQUESTS} at once, longest gap ${longestGapMs} ms`);
    if (atOnce < REQUESTS / 2) throw new Error(seen.join('; '));
    longestMs = Math.max(longestMs, longestGapMs);
  }
  if (longestMs >= GAP_MS) {
    const { longestGapMs } = await handlersGap('evented', config, 'plainly');
    seen.push(`with events, without aevent: ${longestGapMs} ms`);
    if (longestMs > TIMES_EVENTED * longestGapMs) throw new Error(seen.join('; '));
  }
  return seen.join('; ');
}

async function checkSuite(suite, config) {
  let plain = await runSuite(suite, config, 'plainly');
  // Once more: what fails by chance without aevent says nothing of it.
  if (!plain.green) plain = await runSuite(suite, config, 'plainly');
  if (!plain.green) throw new Error(`fails without aevent\n${plain.verdicts}${plain.output}`);
  for (const way of AEVENT_WAYS) {
    const { verdicts, output } = await runSuite(suite, config, way);
    if (verdicts !== plain.verdicts)
      throw new Error(`under aevent/${way}, ${firstDifference(plain.verdicts, verdicts)}\n${output}`);
  }
  const tests = plain.verdicts.match(/^\s*ok\b/gm)?.length;
  return `${plain.files} files green${tests ? `, ${tests} assertions` : ''}, plainly and under ${AEVENT_WAYS.join(' and ')}`;
}

/** The programs of the documents that need packages. */
async function checkDocuments({ bin, version, backend }) {
  const env = { AEVENT_BACKEND: backend, AEVENT_DOCUMENT_MODULES: join(folder, 'node_modules') };
  const args = ['test/documents'];
  const { passed, failed, output } = await runVitest({ name: `documents ${version}`, node: bin, env, args });
  if (failed > 0) throw new Error(output);
  return `${passed} tests`;
}

/** Installs the packages. @returns what there is to check */
export function ecosystemItems() {
  install(folder);
  return [
    ...namesIn('programs').map((name) => ({
      name,
      title: name,
      needs: NEEDS[name],
      leastNode: LEAST_NODE[name],
      check: (config, env) => checkProgram(name, config, env),
    })),
    ...namesIn('handlers')
      .filter((name) => !HELPERS.includes(name))
      .map((name) => ({
        name,
        title: `${name}: handlers that block`,
        alone: true,
        check: (config) => checkHandlers(name, config),
      })),
    { name: 'documents', title: 'programs of the documents that need packages', check: checkDocuments },
    ...SUITES.map((suite) => ({
      name: suite.name,
      title: `${suite.name}: its own tests`,
      long: suite.long,
      check: (config) => checkSuite(suite, config),
    })),
  ];
}
