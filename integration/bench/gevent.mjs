// Measures gevent, where it is installed.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installDebian } from '../support/debian.mjs';

const script = fileURLToPath(new URL('contenders/with-gevent.py', import.meta.url));
/** Debian's: its package is for this one. */
const PYTHON = '/usr/bin/python3';
let found;
let measured;

/** The Python that has gevent, installed from Debian if it may be; undefined where it cannot be had. */
export function pythonWithGevent() {
  found ??= installDebian({ 'python3-gevent': [PYTHON, '-c', 'import gevent'] });
  if (!found) process.stderr.write('(gevent is left out: python3-gevent cannot be installed here) ');
  return found ? PYTHON : undefined;
}

/** gevent's figures, in nanoseconds by what was measured; undefined where it cannot be had. */
function geventFigures() {
  if (measured === undefined) {
    const python = pythonWithGevent();
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    measured = python === undefined ? null : JSON.parse(execFileSync(python, [script], options));
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
