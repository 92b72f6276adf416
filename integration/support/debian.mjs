// Programs from Debian packages, for checks that can do without them.
import { spawnSync } from 'node:child_process';

const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another one may be at work.
  const options = ['-yq', '-o', 'DPkg::Lock::Timeout=120'];
  return spawnSync('apt-get', [...options, ...args], { env, stdio: 'ignore' }).status === 0;
}

/**
 * Installs what is missing; false where that is not possible.
 * @param needed - package → the command, with its arguments, that works once the package is installed
 */
export function installDebian(needed) {
  const missing = Object.keys(needed).filter((name) => !works(needed[name][0], needed[name].slice(1)));
  if (missing.length === 0) return true;
  // The lists of packages may be new enough, or not be there at all.
  const install = () => aptGet('install', '--no-install-recommends', ...missing);
  return works('apt-get', ['--version']) && (install() || (aptGet('update') && install()));
}
