// Puts functions that note who calls them in the place of all that a program can replace in its realm.
import { EventEmitter } from 'node:events';

const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { captureStackTrace } = Error;
const { bind, call } = Function.prototype;
const uncurry = (method) => apply(bind, call, [method]);
const [split, includes, replace] = ['split', 'includes', 'replace'].map((name) =>
  uncurry(String.prototype[name]),
);
const add = uncurry(Set.prototype.add);

const real = process.getBuiltinModule('node:process');
const generator = (function* () {})();

/** Owners of methods, by the names that a finding has. */
const OWNERS = {
  Array,
  'Array.prototype': Array.prototype,
  'Array iterator': getPrototypeOf([][Symbol.iterator]()),
  Buffer,
  'EventEmitter.prototype': EventEmitter.prototype,
  'Function.prototype': Function.prototype,
  'Generator.prototype': getPrototypeOf(getPrototypeOf(generator)),
  JSON,
  Map,
  'Map.prototype': Map.prototype,
  'Map iterator': getPrototypeOf(new Map()[Symbol.iterator]()),
  Math,
  Number,
  Object,
  Promise,
  'Promise.prototype': Promise.prototype,
  Reflect,
  'RegExp.prototype': RegExp.prototype,
  'Set.prototype': Set.prototype,
  'Set iterator': getPrototypeOf(new Set()[Symbol.iterator]()),
  'String.prototype': String.prototype,
  'TypedArray.prototype': getPrototypeOf(Uint8Array.prototype),
  'WeakMap.prototype': WeakMap.prototype,
  'WeakSet.prototype': WeakSet.prototype,
  process: real,
};
const GLOBALS = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearImmediate',
  'queueMicrotask',
];

/** Not called for what they do: by `instanceof`, by `super()`. */
const SPARED = new Set([
  'constructor',
  'prototype',
  Symbol.hasInstance,
  Symbol.species,
  'toString',
  'valueOf',
]);
// A program steps through a generator of aevent's by that method, and an emitter of its own has its own. Buffer.concat is
// tried by aevent: minizlib replaces it (monkey/builtins/zlib/handle.ts).
const SPARED_BY_NAME = new Set([
  'Generator.prototype.next',
  'EventEmitter.prototype.removeListener',
  'Buffer.concat',
]);
// Those of the process that Node calls at every turn; what they note is Node's.
const SPARED_OF_PROCESS = new Set(['_tickCallback', '_fatalException', 'emit', 'reallyExit']);

let noting;

function note(name) {
  const callers = noting;
  if (callers === undefined) return;
  noting = undefined;
  try {
    const at = {};
    captureStackTrace(at, note);
    // The first frame is the replacement's own; V8's functions have no place.
    const lines = split(at.stack, '\n');
    for (let i = 2; i < lines.length; i++) {
      if (includes(lines[i], '(<anonymous>)')) continue;
      // For Node's modules, which would call it themselves (runtime/suspension/ticks.ts).
      if (includes(lines[i], 'tickForNode')) break;
      if (includes(lines[i], '/dist/'))
        add(callers, `${name}${replace(lines[i], /^ *at (.*?) ?\(?file:.*\/dist\//, ' in $1 of ')}`);
      break;
    }
  } finally {
    noting = callers;
  }
}

function noted(name, original) {
  const made = {
    method(...args) {
      note(name);
      return new.target === undefined ? apply(original, this, args) : construct(original, args, new.target);
    },
  }.method;
  defineProperty(made, 'name', { value: original.name, configurable: true });
  return made;
}

const places = [];
for (const [ownerName, owner] of Object.entries(OWNERS)) {
  for (const key of ownKeys(owner)) {
    const descriptor = getOwnPropertyDescriptor(owner, key);
    if (typeof descriptor.value !== 'function' || !descriptor.configurable || SPARED.has(key)) continue;
    if (owner === real && (SPARED_OF_PROCESS.has(key) || String(key).startsWith('_'))) continue;
    // Classes: `new` is no call of a method.
    if (Object.hasOwn(descriptor.value, 'prototype') && /^[A-Z]/.test(String(key))) continue;
    const name = `${ownerName}.${String(key)}`;
    if (SPARED_BY_NAME.has(name)) continue;
    places.push([owner, key, descriptor, { ...descriptor, value: noted(name, descriptor.value) }]);
  }
}
for (const key of GLOBALS) {
  const descriptor = getOwnPropertyDescriptor(globalThis, key);
  places.push([globalThis, key, descriptor, { ...descriptor, value: noted(key, descriptor.value) }]);
}

/** Replaces them; `callers` gets aevent's own functions that call one. Gives what puts the originals back. */
export function replaced(callers) {
  for (let i = 0; i < places.length; i++) defineProperty(places[i][0], places[i][1], places[i][3]);
  noting = callers;
  return () => {
    noting = undefined;
    for (let i = 0; i < places.length; i++) defineProperty(places[i][0], places[i][1], places[i][2]);
  };
}
