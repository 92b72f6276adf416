import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('contenders/with-gevent.py', import.meta.url));
let measured;

/**
 * gevent's figures, in nanoseconds by what was measured; undefined where Debian's python3-gevent is not installed.
 */
export function geventFigures() {
  if (measured === undefined) {
    try {
      const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
      measured = JSON.parse(execFileSync('/usr/bin/python3', [script], options));
    } catch {
      measured = null;
    }
  }
  return measured ?? undefined;
}
