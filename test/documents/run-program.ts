// Runs a program of a document in a directory of its own, where `aevent` is installed.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ownModules, type Program, root } from './programs.js';

const HUNG_MS = 50_000;

/** What a program printed to stdout and stderr, in order, and its exit code. */
export interface Ran {
  readonly printed: string;
  readonly code: number | null;
}

/**
 * Runs the command of a program in a shell in which `node` is this Node.
 * @param modules - the node_modules directory that has the packages it needs, if the repository's own lacks them
 */
export async function runProgram(
  { command, files, packages }: Program,
  modules: string = ownModules,
): Promise<Ran> {
  const dir = mkdtempSync(join(tmpdir(), 'aevent-document-'));
  try {
    mkdirSync(join(dir, 'node_modules/.bin'), { recursive: true });
    symlinkSync(root, join(dir, 'node_modules/aevent'));
    // npm makes commands executable when it installs a package; here nothing has.
    const cli = `#!/bin/sh\nexec node ${join(root, 'dist/loader/cli.js')} "$@"\n`;
    writeFileSync(join(dir, 'node_modules/.bin/aevent'), cli, { mode: 0o755 });
    // As npx does, which takes four times as long to find the command.
    writeFileSync(join(dir, 'node_modules/.bin/npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    for (const name of packages) {
      const link = join(dir, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(modules, name), link);
    }
    if (packages.length > 0) linkCommands(join(modules, '.bin'), join(dir, 'node_modules/.bin'));
    writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }\n');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    return await shell(command, dir);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function linkCommands(from: string, to: string): void {
  for (const name of readdirSync(from)) if (name !== 'aevent') symlinkSync(join(from, name), join(to, name));
}

function shell(command: string, cwd: string): Promise<Ran> {
  const { NODE_OPTIONS: _, AEVENT_BACKEND: backend, ...inherited } = process.env;
  const bins = [join(cwd, 'node_modules/.bin'), dirname(process.execPath)];
  const env = {
    ...inherited,
    ...(backend !== undefined && !command.includes('AEVENT_BACKEND') && { AEVENT_BACKEND: backend }),
    PATH: [...bins, inherited.PATH].join(':'),
    NO_COLOR: '1',
  };
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `exec 2>&1; ${command}`], {
      cwd,
      env,
      timeout: HUNG_MS,
      killSignal: 'SIGKILL',
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stdin.end();
    child.on('error', reject).on('close', (code) => resolve({ printed, code }));
  });
}
