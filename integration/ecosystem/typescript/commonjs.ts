// A CommonJS module in TypeScript, run by tsx.
import { execSync } from 'node:child_process';
import fs from 'fs';

enum Kind {
  Sync,
  Async,
}
const text: string = fs.readFileSync(__filename, 'utf8');
console.log(Kind[Kind.Async], text.length, execSync('echo from a shell').toString().trim());
fs.promises.stat(__dirname).then((stats: fs.Stats) => setTimeout(() => console.log(stats.isDirectory()), 10));
