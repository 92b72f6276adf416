// Finds the compiled core. The addon uses V8 itself, so a binary fits one ABI, platform, architecture and C library;
// build.mjs names it after them. Nothing is ever downloaded.
import { builtin, ofProcess } from '../base/builtins.js';
import { AeventError } from '../base/errors.js';
import { lacking, type NativeBinding } from './binding.js';

const process = builtin<typeof import('node:process')>('process');

const fs = builtin<typeof import('node:fs')>('fs');
const { fileURLToPath } = builtin<typeof import('node:url')>('url');

// Bundled (integration/support/bundle.mjs), this is in another folder of dist/.
const root = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + 1);
const inPackage = (path: string): string => fileURLToPath(new URL(path, root));

// The ELF header names the dynamic loader of the C library that this Node was linked with.
// (process.report knows too, but takes milliseconds and may ask the network for host names.)
function libcName(): string {
  const head = Buffer.alloc(2048);
  try {
    const fd = fs.openSync(process.execPath, 'r');
    fs.readSync(fd, head);
    fs.closeSync(fd);
  } catch {
    return 'glibc'; // the permission model may hide Node's own executable
  }
  return head.includes('/ld-musl-') ? 'musl' : 'glibc';
}

/** The releases that have addons in the package, by ABI. Odd ones are current for half a year, and have none. */
const NODES: Readonly<Record<string, string>> = { 115: '20', 127: '22', 137: '24', 147: '26' };

/** The file name of the native addon that fits the Node that runs. */
export function binaryName(): string {
  const { platform, arch, versions } = process;
  const libc = platform === 'linux' ? `-${libcName()}` : '';
  return `aevent-${platform}-${arch}${libc}-abi${versions.modules}.node`;
}

/** Names the addons of a package that was packed, or installed, for another system or another Node. */
function others(): string {
  try {
    const found = fs.readdirSync(inPackage('dist/native')).filter((name) => name.endsWith('.node'));
    if (found.length === 0) return '';
    const nodes = new Map<string, string[]>();
    for (const name of found.sort()) {
      const [, system = '', abi = ''] = /^aevent-(.*)-abi(\d+)\.node$/.exec(name) ?? [];
      nodes.set(system, [...(nodes.get(system) ?? []), NODES[abi] ?? `ABI ${abi}`]);
    }
    const systems = [...nodes].map(([system, versions]) => `Node ${versions.join(', ')} on ${system}`);
    return `; there are those for ${systems.join('; ')}`;
  } catch {
    return ''; // no folder, or the permission model hides it
  }
}

function explain(file: string, cause: { code?: string; message: string }): string {
  const otherwise =
    'The only backend that works without it is native, which suspends nothing: AEVENT_BACKEND=native.';
  if (cause.code === 'ERR_DLOPEN_DISABLED') {
    const isPermission = process.permission !== undefined;
    const [who, how] = isPermission
      ? ["Node's permission model forbids", 'Allow it with --allow-addons.']
      : ['The option --no-addons forbids', 'Leave it out (it may stand in NODE_OPTIONS).'];
    return `${who} loading aevent's native addon. ${how} ${otherwise}`;
  }
  if (/failed to map segment|Operation not permitted/.test(cause.message)) {
    return (
      `aevent's native addon ${file} may not be executed: ${cause.message}. Its file system is mounted noexec, or a security ` +
      `policy forbids it. Install the package elsewhere. ${otherwise}`
    );
  }
  const what = fs.existsSync(file)
    ? `aevent's native addon ${file} could not be loaded: ${cause.message}.`
    : `aevent has no native addon for Node ${process.version} here: ${file} was not found${others()}.`;
  return `${what} ${howToBuild()} ${otherwise}`;
}

function howToBuild(): string {
  return (
    `Build it with \`node ${inPackage('runtime/native/build.mjs')}\` (in a checkout: \`npm run build\`, or \`npm run cores\` ` +
    'for all Nodes), which needs a C++ compiler, make and python3.'
  );
}

let loaded: NativeBinding | undefined;

/**
 * Loads the native addon into this isolate: the main thread and each worker get an instance of their own.
 * @throws {@link AeventError} `AEVENT_NO_BINARY` if there is none for this Node or it cannot be loaded
 */
export function loadNative(): NativeBinding {
  if (loaded) return loaded;
  const file = inPackage(`dist/native/${binaryName()}`);
  const module = { exports: {} };
  try {
    ofProcess.dlopen(module, file);
  } catch (cause) {
    throw new AeventError('AEVENT_NO_BINARY', explain(file, cause as NodeJS.ErrnoException), { cause });
  }
  // Copied: an object that native code has given so many properties is a dictionary, in which each call looks its own up.
  loaded = { ...(module.exports as NativeBinding) };
  return loaded;
}

/** Why the addon that {@link loadNative} gave cannot be used by this version of aevent; empty if it can. */
export function staleness(binding: NativeBinding): string {
  const names = lacking(binding);
  if (names.length === 0) return '';
  const file = inPackage(`dist/native/${binaryName()}`);
  return `aevent's native addon ${file} is of another version of aevent: it lacks ${names.join(', ')}. ${howToBuild()}`;
}
