// Runs cases in this process: node child.mjs <seed> <passes> <rounds> <case …>. One line for what begins and for how it ended, written
// at once, so that the reader of a process that dies knows where.
import { writeSync } from 'node:fs';
import { UNJOINABLE } from './flags.mjs';
import { seed, torment } from './rig.mjs';
import { table } from './table.mjs';

const [first, passes, rounds, ...names] = process.argv.slice(2);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

// Without aevent too: `import 'node:http'` loads undici on Node 22, and that wants WebAssembly, which --jitless lacks.
const nodesOwn = ({ stack } = {}) =>
  typeof WebAssembly === 'undefined' && /WebAssembly is not defined\n.*lazyllhttp/.test(stack);

// The loop always has something to wait for.
if (process.execArgv.includes(UNJOINABLE)) setInterval(() => {}, 1000);

let current;
let stray;
// A rejection that is not awaited fails the case that runs.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    if (!nodesOwn(error)) stray ??= error;
  });
}
process.on('exit', (code) => {
  if (current !== undefined) say({ died: current, code });
});

const byName = new Map(table.map((subject) => [subject.name, subject]));
for (let pass = 0; pass < Number(passes); pass++) {
  for (const name of names) {
    current = name;
    say({ begin: name });
    stray = undefined;
    seed(Number(first) + pass);
    let failure;
    try {
      await torment(byName.get(name), Number(rounds));
    } catch (error) {
      failure = error;
    }
    failure ??= stray;
    say({ end: name, failure: failure && String(failure?.stack ?? failure).slice(0, 2000) });
  }
}
current = undefined;
say({ done: true });
// Workers, servers and pools that the cases share would keep it.
process.exit();
