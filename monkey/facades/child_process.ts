import { load } from '../facade.js';

type ChildProcessModule = typeof import('node:child_process');

const childProcess: ChildProcessModule = load<ChildProcessModule>('child_process').exports;

export * from 'node:child_process';
export const ChildProcess: ChildProcessModule['ChildProcess'] = childProcess.ChildProcess;
export const exec: ChildProcessModule['exec'] = childProcess.exec;
export const execFile: ChildProcessModule['execFile'] = childProcess.execFile;
export const execFileSync: ChildProcessModule['execFileSync'] = childProcess.execFileSync;
export const execSync: ChildProcessModule['execSync'] = childProcess.execSync;
export const fork: ChildProcessModule['fork'] = childProcess.fork;
export const spawn: ChildProcessModule['spawn'] = childProcess.spawn;
export const spawnSync: ChildProcessModule['spawnSync'] = childProcess.spawnSync;
export default childProcess;
