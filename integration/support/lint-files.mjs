// Each file opens with a comment that says what it is for, and a file of more than 400 lines gives the reason there
// ("More than 400 lines, since …"). Comments name the thing that acts. node integration/support/lint-files.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const MAX_LINES = 400;
const HEAD_LINES = 30;
/** In a comment: a reader cannot tell which task, caller or process is meant. */
const NAMELESS = /(?:\/\/|^ *\*|\/\*).*\b(whoever|somebody|someone|anybody)\b/i;
/** A comment that opens so has no noun: "What a thread runs." is "The program of a thread." */
const NOUNLESS = /^ *(?:\/\/|\/\*\*) (What|Whose|Who) /;

const root = resolve(import.meta.dirname, '../..');
const sources = ['runtime', 'monkey', 'loader', 'integration', 'test'].flatMap(filesIn);

function filesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path);
    return /\.(m?ts|mjs|cc|h)$/.test(path) ? [path] : [];
  });
}

/** Programs that tests run, and tests, whose titles say what they are for. */
const needsOpening = (file) =>
  /^(runtime|monkey|loader|integration)\//.test(file) && !/\/(fixtures|cases|programs)\//.test(file);

const offences = [];
for (const file of sources) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const first = lines[0].startsWith('#!') ? lines[1] : lines[0];
  if (needsOpening(file) && !/^\/[/*]/.test(first))
    offences.push(`${file}: say in a first line what it is for`);
  const hasReason = lines.slice(0, HEAD_LINES).some((line) => line.includes('More than 400 lines, since'));
  if (lines.length > MAX_LINES + 1 && !hasReason)
    offences.push(
      `${file}: has ${lines.length} lines; split it, or give the reason ("More than 400 lines, since …") in its head`,
    );
  for (const [index, line] of lines.entries()) {
    const [, word] = NAMELESS.exec(line) ?? ((needsOpening(file) && NOUNLESS.exec(line)) || []);
    if (word !== undefined)
      offences.push(`${file}:${index + 1}: name the task, caller, process or thing instead of "${word}"`);
  }
}
for (const offence of offences) console.error(offence);
process.exitCode = offences.length > 0 ? 1 : 0;
