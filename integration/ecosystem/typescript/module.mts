// An ES module in TypeScript, run by tsx.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const greet = (who: string): string => `hello ${who}`;
const digest: string = createHash('sha256')
  .update(readFileSync(new URL(import.meta.url)))
  .digest('hex');
console.log(digest.length, await Promise.resolve(greet('module')));
