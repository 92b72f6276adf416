/**
 * Packages that are replaced as a whole, on the CommonJS side: a module that requires one by its name, installed or not, or a
 * file of an installed one by its path, gets the drop-in. Which of them are excluded is looked up each time.
 */
import { dropIns } from '../../monkey/registry.js';
import { replaceable, Treatment } from './redirect.js';
import { treatments } from './start-off-thread.js';

/** Where an installed package's file is found: `…/node_modules/<package>/<file>`. */
const files = new Map([...dropIns].map(([name, dropIn]) => [`${dropIn.package}/${dropIn.file}`, name]));
const installedFile = /[\\/]node_modules[\\/]([^\\/]+)[\\/]([^\\/]+)$/;

/** Tells whether a drop-in stands for what is required as `name`. */
export function isDropIn(name: string | undefined): name is string {
  const owner = name === undefined ? undefined : dropIns.get(name)?.package;
  return owner !== undefined && treatments[replaceable.indexOf(owner)] === Treatment.replaced;
}

/** The name of the drop-in that stands for a file, if one does. */
export function dropInOfFile(filename: string): string | undefined {
  // No destructuring, here or above: a program may have taken Array.prototype's iterator away.
  const found = installedFile.exec(filename);
  const name = found === null ? undefined : files.get(`${found[1]}/${found[2]}`);
  return isDropIn(name) ? name : undefined;
}
