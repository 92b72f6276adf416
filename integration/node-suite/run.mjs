// Node's own tests, run plainly and with aevent: node integration/node-suite/run.mjs --checkout PATH --node BINARY
// A test that passes plainly and fails with aevent is a regression, unless known-differences.json has a reason for it.
// Under `register`, which changes nothing for a program that does not opt in, there may be none.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { families, replaced } from './families.mjs';
import { filesOf, reasonFor, runSuite } from './suite.mjs';

const usage = `Usage: node integration/node-suite/run.mjs --checkout PATH --node BINARY [options] [family…]

  --checkout PATH     a checkout of Node's repository, of the version of BINARY or near it
  --node BINARY       the Node that runs the tests
  --mode MODE         register or auto; both if not given
  --only PATTERN      of the families' files, those that match this regular expression
  --jobs N            so many at once; by default one for each core
  --timeout SECONDS   for each file; 60 by default
  --known FILE        the known differences; by default those of this folder
  --json FILE         writes each result there
  --verbose           prints what a regression printed

Families: ${Object.keys(families).join(', ')}; all
Without one: ${replaced.join(', ')}
`;

class UsageError extends Error {}

const dist = (file) => new URL(`../../dist/loader/${file}`, import.meta.url);
const mode = (imported, required) => ({
  imported: dist(imported).href,
  required: fileURLToPath(dist(required)),
});
const allModes = {
  register: mode('register.js', 'register.cjs'),
  auto: mode('auto.js', 'auto.cjs'),
};

function read() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        checkout: { type: 'string' },
        node: { type: 'string' },
        mode: { type: 'string', multiple: true },
        only: { type: 'string' },
        jobs: { type: 'string' },
        timeout: { type: 'string', default: '60' },
        known: { type: 'string', default: join(import.meta.dirname, 'known-differences.json') },
        json: { type: 'string' },
        verbose: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
  const { values, positionals } = parsed;
  for (const name of ['checkout', 'node']) if (!values[name]) throw new UsageError(`--${name} is missing`);
  const checkout = resolve(values.checkout);
  if (!existsSync(join(checkout, 'test/parallel')))
    throw new UsageError(`--checkout ${values.checkout}: there is no test/parallel in it`);
  const node = resolve(values.node);
  if (!existsSync(node) || !statSync(node).isFile())
    throw new UsageError(`--node ${values.node}: there is no such file`);
  const { stdout, status } = spawnSync(node, ['-p', 'process.version'], { encoding: 'utf8' });
  const version = /^v(\d+)\.\d+\.\d+/.exec(stdout ?? '');
  if (status !== 0 || version === null) throw new UsageError(`--node ${values.node}: that is no Node`);
  for (const mode of values.mode ?? [])
    if (!Object.hasOwn(allModes, mode)) throw new UsageError(`--mode ${mode}: it is register or auto`);
  for (const name of positionals)
    if (name !== 'all' && !Object.hasOwn(families, name))
      throw new UsageError(`there is no family '${name}'`);
  const count = (option, given) => {
    const number = Number(given);
    if (!(number >= 1)) throw new UsageError(`--${option} ${given}: it is a number, 1 or more`);
    return number;
  };
  const chosen = positionals.length > 0 ? positionals : replaced;
  return {
    checkout,
    node,
    version: version[0],
    major: Number(version[1]),
    names: chosen.includes('all') ? Object.keys(families) : chosen,
    modes: Object.fromEntries((values.mode ?? Object.keys(allModes)).map((mode) => [mode, allModes[mode]])),
    only: values.only === undefined ? undefined : new RegExp(values.only),
    jobs: count('jobs', values.jobs ?? availableParallelism()),
    timeoutMs: count('timeout', values.timeout) * 1000,
    known: JSON.parse(readFileSync(values.known, 'utf8')),
    json: values.json,
    verbose: values.verbose,
  };
}

async function main(options) {
  const { checkout, major, names, modes, known, only } = options;
  const files = filesOf(checkout, names).filter(({ file }) => only?.test(file) ?? true);
  if (files.length === 0) throw new UsageError(`no file of ${names.join(', ')} in ${checkout}`);
  const results = [];
  let regressions = 0;
  const onResult = (result) => {
    results.push(result);
    for (const [mode, { how, output }] of Object.entries(result.failures)) {
      const reason = reasonFor(known, { file: result.file, mode, major });
      if (reason === undefined) regressions++;
      console.log(
        `${reason === undefined ? 'REGRESSION' : 'known'} ${mode} ${result.file}: ${reason ?? how}`,
      );
      if (options.verbose && reason === undefined) console.log(output.replace(/^/gm, '    '));
    }
  };
  await runSuite({ ...options, files, onResult });
  for (const family of names) {
    const own = results.filter((result) => result.family === family);
    const plain = own.filter((result) => result.plain);
    const failing = Object.keys(modes).map(
      (mode) => `${mode} ${plain.filter((result) => !(mode in result.failures)).length}`,
    );
    console.log(
      `${family}: ${own.length} files, pass plainly ${plain.length}, of those: ${failing.join(', ')}`,
    );
  }
  const passed = results.filter(({ plain }) => plain).length;
  console.log(
    `Node ${options.version}: ${results.length} files, ${passed} pass plainly, ${regressions} regressions`,
  );
  if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 1));
  process.exitCode = regressions > 0 ? 1 : 0;
}

try {
  await main(read());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
