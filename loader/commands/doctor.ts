/** `aevent doctor`: starts a process as `node --import aevent/register` does, and has it say what it finds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Runs the command; gives its exit code, 1 if there is a problem. */
export async function run(args: readonly string[]): Promise<number> {
  const register = new URL('../register.js', import.meta.url).href;
  const program = fileURLToPath(new URL('./doctor-program.js', import.meta.url));
  const isJson = args.includes('--json');
  const options = args.filter((arg) => arg !== '--json');
  const nodeArgs = [
    ...process.execArgv,
    '--import',
    register,
    ...options,
    program,
    ...(isJson ? ['--json'] : []),
  ];
  const child = spawn(process.execPath, nodeArgs, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
