// runtime/ and monkey/ must work on the real builtins, captured before anything is patched: they take them from
// runtime/base/builtins.ts. An import would see the patched ones. Types are free, and so is a facade's `export * from`.
// Inside functions they must not use what a program may replace, fake or delete meanwhile: the global `process` and its
// functions, timers, `globalThis`. (Of other globals, integration/support/bundle.mjs gives them runtime/base/primordials.ts's.)
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const FROM_BUILTIN =
  /^(?:import|export)\b(?!\s+type\b)(?!\s*\*\s*from)([^;]*?)\bfrom\s*['"]node:[^'"]+['"]/gm;
const isTypesOnly = (clause) => {
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(',');
  return names?.every((name) => name.trim() === '' || /^\s*type\s/.test(name)) ?? false;
};

const RUN_TIME = [
  {
    uses: /(?<![\w.#])(?:(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask)(?=\()/g,
    advice: 'take it from globals in runtime/base/builtins.ts',
  },
  {
    uses: /(?<![\w.#])process(?=\.\w)|(?<=\} = )process(?=;)/g,
    advice: "take it from builtin('process') in runtime/base/builtins.ts",
  },
  { uses: /(?<![\w.#])process\.\w+(?=\()/g, advice: 'take it from ofProcess in runtime/base/builtins.ts' },
  { uses: /(?<![\w.#])globalThis(?=\.)/g, advice: 'take it when the module is evaluated' },
];
/** What is meant to see what the program has put there, or is done before the program runs. */
const MEANT = new Map([
  ['runtime/base/builtins.ts', 'takes them'],
  ['runtime/base/primordials.ts', 'takes them'],
  ['runtime/base/instance.ts', 'is evaluated before the rest, and needs no task'],
  ['runtime/base/node-builtin.ts', 'has no imports'],
  ['monkey/live-bindings.ts', 'has no imports'],
  [
    'runtime/process-end/exit-listeners.ts',
    "ends the process as process.exit() does: by the program's reallyExit()",
  ],
  ['runtime/hazards/vm-realms.ts', 'replaces them'],
]);

const blank = (text) => text.replace(/[^\n]/g, ' ');
const codeOf = (text) =>
  text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/gm, blank);
const isDeclaredIn = (code, name) =>
  new RegExp(`\\b(?:const|let|function) (?:\\{[^}=]*)?\\b${name}\\b|import [^;]*\\b${name}\\b`).test(code);

/** Run-time uses of what a program may take away. */
function* takenAway(name, text) {
  if (MEANT.has(name)) return;
  const code = codeOf(text);
  for (const { uses, advice } of RUN_TIME) {
    for (const { 0: use, index } of code.matchAll(uses)) {
      const lineStart = code.lastIndexOf('\n', index) + 1;
      if (!/^\s/.test(code.slice(lineStart))) continue; // when the module is evaluated
      const isOwn = isDeclaredIn(code, use.split('.')[0]);
      if (use.includes('.') ? !/const process = builtin/.test(code) : isOwn) continue;
      yield { index, what: use, advice };
    }
  }
}

function* imported(text) {
  for (const [statement, clause, index] of [...text.matchAll(FROM_BUILTIN)].map((m) => [
    m[0],
    m[1],
    m.index,
  ])) {
    if (isTypesOnly(clause)) continue;
    yield { index, what: statement, advice: 'take it from builtin() in runtime/base/builtins.ts' };
  }
}

for (const room of ['runtime', 'monkey']) {
  for (const path of readdirSync(join(root, room), { recursive: true })) {
    if (!path.endsWith('.ts')) continue;
    const name = `${room}/${path.replaceAll('\\', '/')}`;
    const text = readFileSync(join(root, name), 'utf8');
    for (const { index, what, advice } of [...imported(text), ...takenAway(name, text)]) {
      console.error(`${name}:${text.slice(0, index).split('\n').length}: ${what}\n  ${advice}`);
      process.exitCode = 1;
    }
  }
}
