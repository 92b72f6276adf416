/** `aevent doctor`: starts a process as `node --import aevent/register` does, and has it say what it finds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const usage = `Usage: aevent doctor [--json] [node options]
Says what aevent can do here, what is off and why, and what to change; ends with 1 if there is a problem.

  --json  prints the findings as a JSON array
`;

/** Runs the command; gives its exit code, 1 if there is a problem. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
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
