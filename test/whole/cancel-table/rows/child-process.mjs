import child_process, { execFileSync, execSync, spawn, spawnSync } from 'node:child_process';

const QUIET = { stdio: 'pipe' };
const BIG = Buffer.alloc(1 << 20, 'x');

export const modules = { child_process };

const row = (name, act) => ({ name, covers: [`child_process.${name.split(' ')[0]}`], act });

export const rows = [
  row('spawnSync of a child that stays', () => spawnSync('sleep', ['60'])),
  row('spawnSync of a child that ends', () => spawnSync('true')),
  row('spawnSync of a program that is not there', () => spawnSync('/no/such/program')),
  row('spawnSync with much input that nobody reads', () => spawnSync('sleep', ['60'], { input: BIG })),
  row('spawnSync with much output', () => spawnSync('yes', { maxBuffer: 1 << 30 })),
  row('spawnSync with inherited and extra pipes', () =>
    spawnSync('sleep', ['60'], { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] }),
  ),
  row('spawnSync with a timeout', () => spawnSync('sleep', ['60'], { timeout: 60_000 })),
  row('spawnSync with a killSignal', () => spawnSync('sleep', ['60'], { killSignal: 'SIGKILL' })),
  row('execFileSync of a child that stays', () => execFileSync('sleep', ['60'], QUIET)),
  row('execFileSync of a child that ends', () => execFileSync('echo', ['text'], QUIET)),
  row('execSync of a shell that becomes the command', () => execSync('exec sleep 60', QUIET)),
  row('execSync of a command that ends', () => execSync('echo text', QUIET)),
  {
    name: 'child.waitSync, which leaves the child alone',
    arrange: () => spawn('sleep', ['60'], { stdio: ['pipe', 'pipe', 'ignore'] }),
    act: (child) => child.waitSync(),
    finish: (child) => void child.kill('SIGKILL'),
    after: async (child) => {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = new Promise((resolve) => child.once('close', resolve));
        if (!child.killed && !child.kill(0)) throw new Error('the child is gone');
        child.kill('SIGKILL');
        await exit;
      }
    },
  },
];
