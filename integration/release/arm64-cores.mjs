// The native core for Linux on arm64, compiled on another Linux by Debian's cross compiler.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative } from '../../runtime/native/build.mjs';
import { installDebian } from '../support/debian.mjs';
import { ensureNode } from '../support/node-versions.mjs';

/** Debian's packages, and how to tell that they are there. */
const COMPILER = { 'g++-aarch64-linux-gnu': ['aarch64-linux-gnu-g++', '--version'] };
const EMULATOR = { 'qemu-user': ['qemu-aarch64', '--version'] };

/**
 * Installs the compiler, and the emulator if that is wanted, where they are missing.
 * @returns empty, or which packages apt-get cannot install here
 */
export function installTools({ emulator = false } = {}) {
  const wanted = { ...COMPILER, ...(emulator && EMULATOR) };
  return installDebian(wanted) ? '' : Object.keys(wanted).join(' and ');
}

/** The ABI of the Node whose headers are in a folder. */
export function abiOf(prefix) {
  const header = readFileSync(join(prefix, 'include/node/node_version.h'), 'utf8');
  return /define NODE_MODULE_VERSION (\d+)/.exec(header)[1];
}

/**
 * Compiles the core for a Node of that line. A Node of this system has the same headers as one of arm64.
 * @returns what buildNative() does
 */
export async function crossCompile(major) {
  const { prefix, version } = await ensureNode(major);
  const abi = abiOf(prefix);
  const tool = (name) => `aarch64-linux-gnu-${name}`;
  return buildNative({
    target: { platform: 'linux', arch: 'arm64', libc: 'glibc', abi, version: `v${version}` },
    nodedir: prefix,
    env: { ...process.env, CC: tool('gcc'), CXX: tool('g++'), AR: tool('ar'), LINK: tool('g++') },
  });
}
