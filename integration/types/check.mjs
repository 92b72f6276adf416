// Type-checks consumer.ts against an installed aevent, all declarations included. Called by ../package/check.mjs
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../setup.mjs';

const run = promisify(execFile);

/**
 * @param project - a folder whose node_modules holds aevent
 * @throws with the compiler's output if it finds anything
 */
export async function checkTypes(project) {
  for (const file of ['tsconfig.json', 'consumer.ts'])
    copyFileSync(join(import.meta.dirname, file), join(project, file));
  // As in most projects, there is one copy of @types/node, the project's.
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project]);
}
