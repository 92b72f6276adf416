/** Which versions of Node aevent runs on. Plain enough for any Node to evaluate; it must stay free of imports. */

/** As package.json says it. */
const NEEDED = '^20.19.0 || >=22.12.0';

/**
 * Tells why a version of Node is refused; empty if it is not.
 * @param version - as `process.versions.node` is
 */
export function refusalOf(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  return fits ? '' : `aevent needs Node ${NEEDED}, this is v${version}`;
}
