// Builds the native addon for one Node: node runtime/native/build.mjs [--node <binary>] [--out <dir>]
//
// The addon uses V8 itself, so it fits one Node ABI only. Each ABI gets a binary name and a build directory of its own
// (a copy of the sources: node-gyp always writes to ./build), so that several Node versions can share a checkout.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const sourceDir = dirname(fileURLToPath(import.meta.url));
const root = resolve(sourceDir, '../..');
const LOCK_POLL_MS = 200;

/** The file that load.ts looks for; test/runtime/native/load.test.ts holds the two together. */
export function binaryName({ platform, arch, libc, abi }) {
  return `aevent-${[platform, arch, libc].filter(Boolean).join('-')}-abi${abi}.node`;
}

// Self-contained: it is also sent as text to the Node that is built for.
function describeNode() {
  const { platform, arch, execPath, version, versions } = process;
  const { closeSync, openSync, readSync } = process.getBuiltinModule('fs');
  let libc = '';
  if (platform === 'linux') {
    // The ELF header names the dynamic loader of the C library that this Node was linked with.
    const head = Buffer.alloc(2048);
    const fd = openSync(execPath, 'r');
    readSync(fd, head);
    closeSync(fd);
    libc = head.includes('/ld-musl-') ? 'musl' : 'glibc';
  }
  return { platform, arch, libc, abi: versions.modules, version, execPath };
}

/** The target that the binary must fit: platform, arch, libc and ABI of a Node executable. */
export function targetOf(node = process.execPath) {
  if (node === process.execPath) return describeNode();
  const { NODE_OPTIONS: _, ...env } = process.env;
  const script = `JSON.stringify((${describeNode})())`;
  const { status, stdout, stderr, error } = spawnSync(node, ['-p', script], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot run ${node}: ${error?.message ?? stderr}`);
  return JSON.parse(stdout);
}

// An installation has its headers in <prefix>/include/node; a directory with those of another ABI would build garbage.
function hasHeaders(prefix, abi) {
  const header = join(prefix, 'include/node/node_version.h');
  return existsSync(header) && readFileSync(header, 'utf8').includes(`define NODE_MODULE_VERSION ${abi}\n`);
}

function headersFor({ execPath, abi }) {
  const beside = dirname(dirname(realpathSync(execPath)));
  return [beside, process.env.npm_config_nodedir].find((dir) => dir && hasHeaders(dir, abi));
}

// npm brings node-gyp: the npm that runs us says where, else the one beside this Node, else the first on PATH.
function findNodeGyp() {
  const { npm_config_node_gyp, npm_execpath, PATH = '' } = process.env;
  const npmOnPath = PATH.split(delimiter).map((dir) => join(dir, 'npm'));
  const npmClis = [npm_execpath, ...npmOnPath].filter((file) => file && existsSync(file));
  const found = [
    npm_config_node_gyp,
    join(dirname(process.execPath), '../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'),
    join(dirname(process.execPath), 'node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'),
    ...npmClis.map((cli) => join(dirname(realpathSync(cli)), '../node_modules/node-gyp/bin/node-gyp.js')),
  ].find((file) => file && existsSync(file));
  if (!found) throw new Error('node-gyp was not found: install npm (it brings node-gyp), then build again');
  return found;
}

function checkTools(env) {
  if (process.platform === 'win32') return; // node-gyp finds Visual Studio itself, and says so if it can't
  const missing = [env.CXX ?? 'c++', 'make', 'python3'].filter((tool) => {
    const [command, ...args] = tool.split(' ');
    return spawnSync(command, [...args, '--version'], { stdio: 'ignore', env }).status !== 0;
  });
  if (missing.length === 0) return;
  throw new Error(
    `aevent's native addon cannot be built: ${missing.join(', ')} not found. Install a C++ compiler, make and python3 ` +
      '(Debian, Ubuntu: apt-get install g++ make python3; Alpine: apk add g++ make python3; macOS: xcode-select --install), ' +
      'or go on without suspension: AEVENT_BACKEND=native',
  );
}

const sources = () =>
  readdirSync(sourceDir, { recursive: true }).filter((name) => /\.(cc|h|S)$|^binding\.gyp$/.test(name));

function fingerprint(target, env) {
  const hash = createHash('sha256').update(JSON.stringify([target.abi, env.CXX, env.CXXFLAGS]));
  for (const name of sources().sort()) hash.update(name).update(readFileSync(join(sourceDir, name)));
  return hash.digest('hex');
}

// An untouched copy keeps its timestamp, so make compiles only what has changed.
function copyIfChanged(from, to) {
  const content = readFileSync(from);
  if (!existsSync(to) || !content.equals(readFileSync(to))) writeFileSync(to, content);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// One build of an ABI at a time. A lock whose owner has died is taken over.
async function withLock(file, fn) {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(existsSync(file) && readFileSync(file, 'utf8'));
      if (owner && !isAlive(owner)) rmSync(file, { force: true });
      else await new Promise((done) => setTimeout(done, LOCK_POLL_MS));
    }
  }
  try {
    return fn();
  } finally {
    rmSync(file, { force: true });
  }
}

function runNodeGyp(workDir, target, nodedir, env) {
  const args = [
    findNodeGyp(),
    'configure',
    'build',
    `--arch=${target.arch}`,
    '--jobs=max',
    '--loglevel=warn',
  ];
  args.push(nodedir ? `--nodedir=${nodedir}` : `--target=${target.version}`);
  // node-gyp prefers npm_config_* to its arguments: an ambient nodedir or target would bring another Node's headers.
  const ambient = /^npm_(config|package_config_node_gyp)_(nodedir|target|arch|runtime|devdir|node_gyp)$/i;
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !ambient.test(name)));
  const gyp = spawnSync(process.execPath, args, { cwd: workDir, env: clean, encoding: 'utf8' });
  if (gyp.status === 0) return;
  throw new Error(`node-gyp failed (${gyp.signal ?? gyp.status})\n${gyp.stdout}${gyp.stderr}`);
}

/**
 * Builds the native addon unless the binary is up to date.
 * @param options.node - the Node executable to build for; or give `target` and `nodedir` for one that cannot run here
 * @returns the binary's path, and whether it was built now
 */
export async function buildNative(options = {}) {
  const { out = join(root, 'dist/native'), env = process.env } = options;
  const target = options.target ?? targetOf(options.node);
  const name = binaryName(target);
  const file = join(out, name);
  const workDir = join(root, '.cache/native', name);
  const stamp = join(workDir, 'fingerprint');
  mkdirSync(workDir, { recursive: true });
  mkdirSync(out, { recursive: true });
  return withLock(join(workDir, 'lock'), () => {
    const wanted = `${fingerprint(target, env)} ${file}`;
    if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
      return { file, built: false };
    }
    checkTools(env);
    for (const name of sources()) {
      mkdirSync(dirname(join(workDir, name)), { recursive: true });
      copyIfChanged(join(sourceDir, name), join(workDir, name));
    }
    runNodeGyp(workDir, target, options.nodedir ?? headersFor(target), env);
    // Renamed into place: another process may have the old binary mapped.
    cpSync(join(workDir, 'build/Release/aevent.node'), `${file}.${process.pid}`);
    renameSync(`${file}.${process.pid}`, file);
    writeFileSync(stamp, wanted);
    return { file, built: true };
  });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { node: { type: 'string' }, out: { type: 'string' } } });
  try {
    const { file, built } = await buildNative({
      ...(values.node && { node: resolve(values.node) }),
      ...(values.out && { out: resolve(values.out) }),
    });
    console.log(`${file} ${built ? 'built' : 'is up to date'}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
