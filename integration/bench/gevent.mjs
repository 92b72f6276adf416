// Measures gevent, where it is installed.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('contenders/with-gevent.py', import.meta.url));
let measured;

/**
 * gevent's figures, in nanoseconds by what was measured; undefined where Debian's python3-gevent is not installed.
 */
function geventFigures() {
  if (measured === undefined) {
    try {
      const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
      measured = JSON.parse(execFileSync('/usr/bin/python3', [script], options));
    } catch {
      process.stderr.write("(gevent's figures are left out: there is no python3-gevent here) ");
      measured = null;
    }
  }
  return measured ?? undefined;
}

/** Lines for what was measured, each followed by gevent's for the same. */
export function besideGevent(ours) {
  const theirs = geventFigures();
  return Object.entries(ours).flatMap(([what, figures]) => {
    const line = (who, { median, min }) => ({
      what: `${what}${who}`,
      value: median / 1000,
      best: min / 1000,
      unit: 'µs',
    });
    const peer = theirs?.[what];
    return [line('', figures), ...(peer === undefined ? [] : [line(', gevent', peer)])];
  });
}
