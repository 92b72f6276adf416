// A section `aevent` in the reports that a program has Node make: process.report.getReport() and writeReport(). Those that
// Node makes itself (a fatal error, a signal) are written by native code, which has no place for others' sections.
import { builtin, ofProcess } from '../base/builtins.js';
import { type AnyFunction, disguise } from '../base/disguise.js';
import { requireLate, whenLoadable } from '../base/instance.js';
import { replaceMethod } from '../base/replace-method.js';

const process = builtin<typeof import('node:process')>('process');
const fs = builtin<typeof import('node:fs')>('fs');
const { resolve } = builtin<typeof import('node:path')>('path');

/** Where a report goes that is no file. */
const STREAMS = ['stdout', 'stderr'];

const sectionFile = 'runtime/observing/report-section.js';
const loaded = (): object => requireLate<{ section(): object }>(sectionFile).section();
let section = loaded;
let isAdded = false;

/**
 * Has reports have the section, from now on.
 * @param make - makes it. Default: code that is loaded for the first report
 */
export function addToNodeReports(make: () => object = loaded): void {
  section = make;
  if (make === loaded) whenLoadable(sectionFile);
  if (isAdded) return;
  isAdded = true;
  const { report } = process as { report?: NodeJS.ProcessReport };
  if (report === undefined) return;
  replace(report, 'getReport', (original, args) => {
    const made = original(...args) as Record<string, unknown>;
    return { ...made, aevent: section() };
  });
  replace(report, 'writeReport', (original, args) => {
    const name = original(...args);
    if (typeof name === 'string' && !STREAMS.includes(name))
      addTo(resolve(report.directory || ofProcess.cwd(), name));
    return name;
  });
}

function replace(
  report: object,
  name: 'getReport' | 'writeReport',
  by: (original: (...args: readonly unknown[]) => unknown, args: readonly unknown[]) => unknown,
): void {
  const original = Reflect.get(report, name) as AnyFunction;
  const value = disguise(original, (self, args) =>
    by((...given) => Reflect.apply(original, self, given as never), args),
  );
  replaceMethod(report, name, value);
}

function addTo(file: string): void {
  try {
    const report = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
    const isCompact = process.report.compact;
    fs.writeFileSync(
      file,
      `${JSON.stringify({ ...report, aevent: section() }, null, isCompact ? undefined : 2)}\n`,
    );
  } catch {
    // Node's report stays as it is.
  }
}
