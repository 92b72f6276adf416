// node bundle.mjs <rollup|webpack|ncc> <file> [external]: makes one file of program.mjs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import webpack from 'webpack';

const [bundler, file, keep] = process.argv.slice(2);
const external = keep === 'external';
const input = join(import.meta.dirname, 'program.mjs');

const bundlers = {
  async rollup() {
    const options = {
      input,
      external: external ? [/^aevent/] : [],
      plugins: [nodeResolve({ preferBuiltins: true })],
    };
    const built = await rollup(options);
    await built.write({ file, format: 'esm' });
    await built.close();
  },
  async webpack() {
    const stats = await new Promise((resolve, reject) => {
      const commonJs = { aevent: 'commonjs aevent', 'aevent/threading': 'commonjs aevent/threading' };
      const options = {
        entry: input,
        mode: 'production',
        target: 'node',
        externals: external ? commonJs : {},
        output: { path: dirname(file), filename: basename(file) },
      };
      webpack(options, (error, done) => (error ? reject(error) : resolve(done)));
    });
    if (stats.hasErrors()) throw new Error(stats.toString());
  },
  ncc() {
    const options = external ? ['-e', 'aevent', '-e', 'aevent/threading'] : [];
    const cli = join(import.meta.dirname, 'node_modules/@vercel/ncc/dist/ncc/cli.js');
    mkdirSync(dirname(file), { recursive: true });
    execFileSync(process.execPath, [cli, 'build', input, '-o', dirname(file), ...options], { stdio: 'pipe' });
  },
};

rmSync(dirname(file), { recursive: true, force: true });
await bundlers[bundler]();
