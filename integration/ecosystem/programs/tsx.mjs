// tsx: TypeScript by its command and by its hooks, before and after those that NODE_OPTIONS brings.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const command = createRequire(import.meta.url).resolve('tsx/cli');
for (const file of ['typescript/commonjs.ts', 'typescript/module.mts']) {
  for (const args of [[command], ['--import', 'tsx'], ['--require', 'tsx/cjs', '--import', 'tsx/esm']]) {
    console.log(execFileSync(process.execPath, [...args, file], { encoding: 'utf8' }));
  }
}
