import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

it('the declarations of aevent/threading, queue and testing say what may be written', async () => {
  const flags =
    '--noEmit --strict --skipLibCheck --exactOptionalPropertyTypes --target es2022 --module nodenext';
  const lib = ['--lib', 'es2024,esnext.disposable,esnext.iterator', '--types', 'node', '--ignoreConfig'];
  const args = [...flags.split(' '), ...lib, 'test/runtime/modules/threading/types/uses.ts'];
  const output = await new Promise((resolve) => {
    execFile(process.execPath, ['node_modules/typescript/bin/tsc', ...args], { cwd: root }, (error, stdout) =>
      resolve(`${error === null ? '' : 'failed\n'}${stdout}`),
    );
  });
  expect(output).toBe('');
});
