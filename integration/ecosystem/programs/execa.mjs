// execa: output, input, pipes, lines, failures, time-outs, cancelling; its synchronous form.
import { $, execa, execaSync } from 'execa';

const { stdout } = await execa('echo', ['hello', 'world']);
console.log(stdout);
console.log((await execa({ input: 'b\na\nc\n' })`sort`).stdout.split('\n'));
console.log((await $`printf ${'a b'}`.pipe`wc -c`).stdout.trim());
const lines = [];
for await (const line of execa('seq', ['1', '5'])) lines.push(line);
console.log(lines);
const failed = await execa('sh', ['-c', 'echo out; echo err >&2; exit 3'], { reject: false, all: true });
console.log(failed.exitCode, failed.failed, failed.stdout, failed.stderr);
await execa('no-such-command').catch(({ code, shortMessage }) => console.log(code, shortMessage));
await execa('sleep', ['10'], { timeout: 50 }).catch(({ timedOut, signal }) => console.log(timedOut, signal));
const controller = new AbortController();
const cancelled = execa('sleep', ['10'], { cancelSignal: controller.signal, reject: false });
controller.abort();
console.log((await cancelled).isCanceled);
const child = execa('cat', { buffer: true });
child.stdin.end('x'.repeat(300_000));
console.log((await child).stdout.length);
const many = await Promise.all(Array.from({ length: 8 }, (_, i) => execa('echo', [String(i)])));
console.log(many.map((result) => result.stdout).join());
const ends = await execa({
  stdout: [
    'pipe',
    function* (line) {
      yield line.toUpperCase();
    },
  ],
})`echo shout`;
console.log(ends.stdout);
const sync = execaSync('sh', ['-c', 'cat; echo err >&2'], { input: 'synchronously' });
console.log(sync.stdout, sync.stderr, sync.exitCode);
console.log(execaSync({ reject: false })`false`.exitCode, execaSync({ lines: true })`seq 3`.stdout);
