// Clients and servers of real protocols, written with blocking calls. Run by ../programs.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../support/run-child.mjs';
import { REDIS } from '../support/services.mjs';

const folder = import.meta.dirname;

function refuseAsyncCode() {
  for (const file of readdirSync(folder).filter((name) => name !== 'items.mjs')) {
    const code = readFileSync(join(folder, file), 'utf8').replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
    const found = /\b(async|await|Promise|then)\b/.exec(code);
    if (found) throw new Error(`${file} is to be synchronous, but has '${found[0]}'`);
  }
}

async function check(config, env) {
  refuseAsyncCode();
  const run = await runChild(config, 'auto', [join(folder, 'main.mjs')], { env });
  if (run.ended !== 0 || run.stderr !== '') throw new Error(`${run.ended}\n${run.stdout}${run.stderr}`);
  const { right, met } = JSON.parse(run.stdout);
  const seen = `${right.join(' + ')} clients of lines, DNS, HTTP and Redis were right, all of them at once`;
  if (right.some((count) => count !== 125) || met !== 1) throw new Error(seen);
  return seen;
}

/** The checks, by name. */
export function protocolItems() {
  const name = 'protocols';
  return [
    { name, title: '500 synchronous clients', check },
    { name, title: '500 synchronous clients, real Redis', long: true, needs: REDIS, check },
  ];
}
