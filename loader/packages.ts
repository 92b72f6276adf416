/**
 * Packages that are replaced as a whole, on the CommonJS side: whoever requires one by its name, installed or not, or a
 * file of an installed one by its path, gets the drop-in.
 */
import { dropIns, loadDropIn } from '../monkey/registry.js';
import { builtin } from '../runtime/builtins.js';
import { replaceable, Treatment, type Treatments } from './redirect.js';

const { Module } = builtin<typeof import('node:module')>('module');
const prototype = Module.prototype as unknown as {
  require(this: NodeModule, id: string): unknown;
  load(this: NodeModule, filename: string): void;
};

/** Where an installed package's file is found: `…/node_modules/<package>/<file>`. */
const files = new Map([...dropIns].map(([name, dropIn]) => [`${dropIn.package}/${dropIn.file}`, name]));
const installedFile = /[\\/]node_modules[\\/]([^\\/]+)[\\/]([^\\/]+)$/;
let replaced = false;

/** Puts the drop-ins in place, once. Which of them are excluded is looked up each time. */
export function replacePackages(treatments: Treatments): void {
  if (replaced) return;
  replaced = true;
  const isWanted = (name: string | undefined): name is string => {
    const owner = name === undefined ? undefined : dropIns.get(name)?.package;
    return owner !== undefined && treatments[replaceable.indexOf(owner)] === Treatment.replaced;
  };
  const { require, load } = prototype;
  prototype.require = function (id) {
    return isWanted(id) ? loadDropIn(id) : Reflect.apply(require, this, [id]);
  };
  prototype.load = function (filename) {
    // No destructuring, here or above: a program may have taken Array.prototype's iterator away.
    const found = installedFile.exec(filename);
    const name = found === null ? undefined : files.get(`${found[1]}/${found[2]}`);
    if (!isWanted(name)) {
      Reflect.apply(load, this, [filename]);
      return;
    }
    this.exports = loadDropIn(name);
    this.loaded = true;
  };
}
