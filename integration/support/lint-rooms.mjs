// The rooms of the tree, lowest first, and what may import what: values and types alike. Nothing climbs, nothing goes round
// in circles, and rooms of one floor do not import each other. runtime/ and monkey/ take Node's builtins from
// runtime/base/builtins.ts: an import would see what a program has patched. Their derived classes have a constructor: the one that
// V8 11 (Node 20) makes where there are fields spreads its arguments, by the iterator that a program has put into Array.prototype.
// node integration/support/lint-rooms.mjs
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A floor a line, the rooms of a floor beside each other. A room is a folder or a file, with all that is below it that is
 * not a room itself.
 */
const FLOORS = [
  ['runtime/base', 'runtime/native/build.mjs'],
  ['runtime/native'],
  ['runtime/suspension'],
  ['runtime/cancellation', 'runtime/tooling', 'runtime/io'],
  ['runtime/waiting'],
  ['runtime/patching'],
  ['runtime/hazards', 'runtime/preemption', 'runtime/process-end'],
  ['runtime/backend'],
  ['runtime/tasks', 'runtime/drop-ins'],
  ['runtime/threads'],
  ['runtime/observing'],
  ['runtime/modules/atexit.ts', 'runtime/modules/threading', 'runtime/modules/select'],
  [
    'runtime/modules/os.ts',
    'runtime/modules/lowlevel.ts',
    'runtime/modules/queue',
    'runtime/modules/signal',
    'runtime/modules/testing',
  ],
  ['runtime/index.ts'],
  ['monkey/live-bindings.ts', 'monkey/node-features.ts'],
  ['monkey/kit'],
  ['monkey/registry.ts'],
  ['monkey/facade.ts'],
  [
    'monkey/builtins/atomics.ts',
    'monkey/builtins/events',
    'monkey/builtins/timers',
    'monkey/builtins/crypto',
    'monkey/builtins/dns',
    'monkey/builtins/domain',
    'monkey/builtins/inspector',
    'monkey/builtins/tty',
  ],
  ['monkey/builtins/process', 'monkey/builtins/stream', 'monkey/builtins/fs'],
  ['monkey/builtins/dgram', 'monkey/builtins/readline', 'monkey/builtins/zlib'],
  ['monkey/builtins/net', 'monkey/builtins/worker_threads'],
  ['monkey/builtins/child_process', 'monkey/builtins/tls', 'monkey/builtins/http'],
  ['monkey/builtins/cluster'],
  ['monkey/builtins/https', 'monkey/builtins/http2'],
  ['monkey/builtins/globals.ts'],
  ['monkey/builtins/augmentations.ts'],
  ['monkey/drop-ins/fibers', 'monkey/drop-ins/deasync'],
  ['monkey/facades'],
  ['loader/node-features.ts'],
  ['loader/resolve'],
  ['loader/evaluate'],
  ['loader'],
  ['loader/test-runners'],
  // Programs and tests: what they import of the package is public, or dist/.
  ['integration/support'],
  [
    'integration/bench',
    'integration/demo',
    'integration/drop-ins',
    'integration/ecosystem',
    'integration/node-suite',
    'integration/soak',
    'integration/types',
  ],
  ['integration/package', 'integration/protocols', 'integration/torture'],
  ['integration/release'],
  ['integration'],
  ['test/support'],
  ['test'],
];
/** The floors below that a room may import, where that is not all of them. */
const ONLY = {
  'runtime/native': ['runtime/base'],
  'monkey/live-bindings.ts': [],
  'monkey/node-features.ts': [],
};
/** Rooms that are for some only. */
const OPEN_TO = {
  'runtime/native': ['runtime'],
};
/** Values that the registry may import: it is part of every start-up. */
const REGISTRY = 'monkey/registry.ts';
const OF_REGISTRY = [
  'runtime/base/instance.ts',
  'runtime/base/node-builtin.ts',
  'runtime/backend/setup-listeners.ts',
  'monkey/live-bindings.ts',
  'monkey/node-features.ts',
];

const root = resolve(dirname(fileURLToPath(import.meta.url)), process.argv[2] ?? '../..');
const floors = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));
/** Not entered: in an installed package a link leads back to the whole house. */
const CLOSED = ['node_modules', 'fixtures', 'cases', 'programs'];
const filesIn = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return CLOSED.includes(entry.name) ? [] : filesIn(path);
    return /\.m?ts$|\.mjs$/.test(path) ? [path] : [];
  });
const sources = ['runtime', 'monkey', 'loader', 'integration', 'test'].flatMap(filesIn);
const isOurs = (file) => /^(runtime|monkey)\//.test(file) && file.endsWith('.ts');
const isIn = (file, room) => file === room || file.startsWith(`${room}/`);
const roomOf = (file) => {
  for (let path = file; path !== '.'; path = dirname(path)) if (floors.has(path)) return path;
  return undefined;
};

const IMPORT = /\b(?:import|export)\s+(type\s)?([^'";]*?\bfrom\s*)?'([^']+)'|\bimport\('([^']+)'\)/g;
/** A file without its comments, line by line. */
function codeOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
}

/** Reads the imports of a file: the file, where it says so, and whether it is of types only. */
function importsOf(file) {
  const code = codeOf(file);
  return [...code.matchAll(IMPORT)].map(({ 1: type, 2: clause, 3: statement, 4: inType, index }) => ({
    what: statement ?? inType,
    line: code.slice(0, index).split('\n').length,
    star: /^\s*\*\s*from/.test(clause ?? ''),
    types: type !== undefined || inType !== undefined || onlyTypes(clause),
  }));
}
function onlyTypes(clause) {
  const names = /^\s*\{([^}]*)\}\s*from/.exec(clause ?? '')?.[1]?.split(',');
  return names?.every((name) => name.trim() === '' || /^\s*type\s/.test(name)) ?? false;
}

/** The derived classes without a constructor in a text, by its lines. */
function* withoutConstructor(text) {
  for (const { index, 0: head } of text.matchAll(/\bclass(?: \w+)?(?:<[^{}()]*>)? extends [^{}]*\{/g)) {
    let end = index + head.length;
    for (let open = 1; open > 0 && end < text.length; end++) {
      if (text[end] === '{') open++;
      else if (text[end] === '}') open--;
    }
    if (!/\bconstructor\(/.test(text.slice(index, end))) yield text.slice(0, index).split('\n').length;
  }
}

const offences = [];
for (const file of sources.filter(isOurs)) {
  for (const line of withoutConstructor(codeOf(file)))
    offences.push(
      `${file}:${line}: a derived class without a constructor runs the program's iterator on Node 20`,
    );
}
const graph = new Map();
for (const file of sources) {
  const room = roomOf(file);
  if (room === undefined) offences.push(`${file}: is in no room`);
  const imported = new Set();
  graph.set(file, imported);
  for (const { what, line, star, types } of importsOf(file)) {
    const offence = (why) => offences.push(`${file}:${line}: ${why}`);
    if (what.startsWith('node:')) {
      if (!types && !star && isOurs(file))
        offence(`${what} is taken from builtin() in runtime/base/builtins.ts`);
      continue;
    }
    if (!what.startsWith('.')) continue;
    const to = normalize(join(dirname(file), what)).replace(/\.js$/, '.ts');
    if (!existsSync(join(root, to))) continue;
    imported.add(to);
    const other = roomOf(to);
    if (other === room || other === undefined || room === undefined) continue;
    // Tests see sources for their types, and for what needs no build.
    if (isIn(file, 'test')) continue;
    if (file === REGISTRY && types) continue;
    if (file === REGISTRY && !OF_REGISTRY.includes(to)) offence(`the registry imports no values of ${to}`);
    if (floors.get(other) > floors.get(room)) offence(`${room} climbs to ${other} (${to})`);
    else if (floors.get(other) === floors.get(room))
      offence(`${room} imports its neighbour ${other} (${to})`);
    else if (ONLY[room] && !ONLY[room].includes(other)) offence(`${room} may not import ${other}`);
    else if (OPEN_TO[other] && !OPEN_TO[other].some((top) => isIn(file, top)))
      offence(`${other} is not for ${room}`);
  }
}

// Tarjan's strongly connected components: each of more than one file is a circle.
const order = new Map();
const low = new Map();
const stack = [];
function visit(file) {
  order.set(file, order.size);
  low.set(file, order.get(file));
  stack.push(file);
  for (const next of graph.get(file) ?? []) {
    if (!order.has(next)) visit(next);
    if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
  }
  if (low.get(file) !== order.get(file)) return;
  const circle = stack.splice(stack.indexOf(file));
  if (circle.length > 1) offences.push(`a circle: ${circle.join(', ')}`);
}
for (const file of sources) if (!order.has(file)) visit(file);

for (const offence of offences) console.error(offence);
process.exitCode = offences.length > 0 ? 1 : 0;
