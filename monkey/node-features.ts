// Differences between the Node versions in the builtins that are replaced, each with its reason. A feature that can be
// asked for is asked for instead. Part of the start-up: it imports nothing.

const [nodeMajor = 0, nodeMinor = 0] = process.versions.node.split('.').map(Number);

/** True from this Node on. */
function isFrom(major: number, minor: number): boolean {
  return nodeMajor > major || (nodeMajor === major && nodeMinor >= minor);
}

/** True from this Node on, and on 22 from the `minor22` that has it, too. */
const isIn = (minor22: number, major: number, minor: number): boolean =>
  isFrom(major, minor) || (nodeMajor === 22 && isFrom(22, minor22));

/** `crypto` has KEMs and Argon2: Node 24.7. */
export const hasArgon2: boolean = isFrom(24, 7);
/** `dns.resolveTlsa()`: Node 22.15 and 23.9. */
export const hasResolveTlsa: boolean = isIn(15, 23, 9);
/** `tls.setDefaultCACertificates()`: Node 22.19 and 24.5. */
export const hasSetDefaultCACertificates: boolean = isIn(19, 24, 5);
/** zstd in `zlib`: Node 22.15 and 23.8. */
export const hasZstd: boolean = isIn(15, 23, 8);

/** `fs.cpSync()` copies directories in C++: Node 22.15 and 23.10. Before, all of it is JavaScript. */
export const copiesTreesNatively: boolean = isIn(15, 23, 10);
/** `fs.readdir()` walks with `recursive` in steps: Node 22. Before, it walks synchronously, too. */
export const readdirWalksInSteps: boolean = isFrom(22, 0);
/**
 * `fs.readdir()` with `recursive` joins Buffers: Node 26. Before, the sync form says so at the first directory, and the
 * callback form throws that uncaught.
 */
export const readdirJoinsBuffers: boolean = isFrom(26, 0);

/** Messages to a child that came before its first listener are emitted again if a listener throws or disconnects: before Node 22. */
export const losesPendingMessages: boolean = !isFrom(22, 0);
