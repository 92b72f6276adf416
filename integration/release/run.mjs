// `npm run release [-- --version 0.3.0] [-- --cores <folder>]`: makes a package that can be published, and publishes nothing. Cuts
// the changelog, builds the cores of this system and of Linux on arm64 (or takes those that were built on their systems), looks
// at the symbols that they want, writes their checksums, checks the tarball on each Node, and lists what would be published.
// CONTRIBUTING.md has the steps around it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkPackage } from '../package/check.mjs';
import { ensureNode, NODE_MAJORS } from '../support/node-versions.mjs';
import { buildNativeCores, buildTypeScript, installDependencies, root } from '../support/setup.mjs';
import { abiOf, crossCompile, installTools } from './arm64-cores.mjs';
import { faultsOf, symbolsOf } from './symbols.mjs';

/** npm shows it as size, and it is what each user downloads. */
const MOST_BYTES = 1_200_000;
const cores = join(root, 'dist/native');
const faults = [];

const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    cores: { type: 'string' },
    unchecked: { type: 'boolean', default: false },
  },
});

/** Gives package.json, its lock and the changelog a version; that of a changelog that has it already stays. */
function setVersion(version) {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    throw new TypeError(`${version} is no version such as 0.3.0`);
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--allow-same-version'], { cwd: root });
  const file = join(root, 'CHANGELOG.md');
  const changelog = readFileSync(file, 'utf8');
  if (changelog.includes(`\n## [${version}]`)) return;
  const today = new Date().toISOString().slice(0, 10);
  const cut = changelog.replace('\n## [Unreleased]\n', `\n## [Unreleased]\n\n## [${version}] - ${today}\n`);
  if (cut === changelog) throw new Error('CHANGELOG.md has no heading "## [Unreleased]"');
  writeFileSync(file, cut);
}

async function buildCores() {
  await buildNativeCores(NODE_MAJORS);
  if (process.platform !== 'linux' || process.arch === 'arm64') return;
  const missing = installTools();
  if (missing !== '') faults.push(`no cores for linux-arm64: ${missing} cannot be installed`);
  else for (const major of NODE_MAJORS) await crossCompile(major);
}

/** Finds the symbols that cores want and that neither Node, as it is on Linux, nor their system has. */
async function checkSymbols(names) {
  if (process.platform !== 'linux') return;
  for (const major of NODE_MAJORS) {
    const { bin, prefix } = await ensureNode(major);
    const node = symbolsOf(bin);
    for (const name of names.filter((each) => each.endsWith(`-abi${abiOf(prefix)}.node`))) {
      const system = name.includes('-darwin-') ? 'macos' : 'linux';
      const found = faultsOf(symbolsOf(join(cores, name)).wanted, { system, node });
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
  }
}

function takeCores(folder) {
  mkdirSync(cores, { recursive: true });
  const found = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.node'));
  for (const file of found) copyFileSync(join(folder, file), join(cores, basename(file)));
}

function writeChecksums() {
  const names = readdirSync(cores)
    .filter((file) => file.endsWith('.node'))
    .sort();
  const lines = names.map((name) => {
    const hash = createHash('sha256')
      .update(readFileSync(join(cores, name)))
      .digest('hex');
    return `${hash}  ${name}\n`;
  });
  writeFileSync(join(cores, 'SHA256SUMS'), lines.join(''));
  return names;
}

function pack() {
  const out = execFileSync('npm', ['pack', '--json'], { cwd: root, encoding: 'utf8' });
  return JSON.parse(out)[0];
}

installDependencies();
if (values.version !== undefined) setVersion(values.version);
buildTypeScript();
if (values.cores === undefined) await buildCores();
else takeCores(values.cores);
const names = writeChecksums();
await checkSymbols(names);
const { filename, size, unpackedSize, files, version } = pack();

const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
if (!changelog.includes(`\n## [${version}]`)) faults.push(`CHANGELOG.md has no heading for ${version}`);
const unreleased = /\n## \[Unreleased\]\n(.*?)\n## \[/s.exec(changelog)?.[1] ?? '';
if (unreleased.trim() !== '')
  faults.push(
    'CHANGELOG.md has changes under [Unreleased]; --version <version> puts them under that version',
  );
if (size > MOST_BYTES) faults.push(`the tarball has ${size} bytes, more than ${MOST_BYTES}`);
const { scripts, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const installs = ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts);
if (installs.length > 0)
  faults.push(`package.json has the script ${installs}: users install with --ignore-scripts`);
const provenance = repository === undefined ? '' : ' --provenance';
if (!values.unchecked) {
  const { passed, failed, output } = await checkPackage();
  console.log(`${output}package: ${passed} passed, ${failed} failed`);
  if (failed > 0) faults.push('the package check failed');
}

for (const { path, size: bytes } of files) console.log(`${String(bytes).padStart(8)}  ${path}`);
console.log(`\n${filename}: ${size} bytes packed, ${unpackedSize} unpacked, ${files.length} files`);
console.log(`cores:\n${names.map((name) => `  ${name}`).join('\n')}`);
if (provenance === '')
  console.log(
    'package.json has no "repository", which --provenance compares with the workflow that publishes.',
  );
for (const fault of faults) console.error(`FAULT  ${fault}`);
console.log(
  faults.length === 0
    ? `Nothing was published. To publish: npm publish ${filename} --access public${provenance}`
    : 'Nothing was published.',
);
process.exitCode = faults.length > 0 ? 1 : 0;
