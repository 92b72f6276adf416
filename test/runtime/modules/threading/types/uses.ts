// Checked by types.test.ts: what a program may write, and (by @ts-expect-error) what it may not.
import { LifoQueue, PriorityQueue, Queue, SimpleQueue } from 'aevent/queue';
import { explore, MockClock, type Random } from 'aevent/testing';
import {
  Condition,
  type ExceptHookArgs,
  Local,
  Lock,
  RLock,
  setExcepthook,
  Thread,
  Timer,
} from 'aevent/threading';

const queue = new Queue<number>(1);
const item: number = queue.get(true, 5);
const later: Promise<number> = queue.getAsync();
// @ts-expect-error an item of another type
queue.put('text');
for (const number of queue) number.toFixed();
new PriorityQueue<[number, string]>(0, ([a], [b]) => a - b).put([item, 'x']);
const strings: Queue<string> = new LifoQueue<string>();
new SimpleQueue<string>().put(strings.getNowait(), true, 1);

new Thread({
  target: (count: number, name: string) => name.repeat(count),
  args: [1, 'x'],
  daemon: true,
}).start();
// @ts-expect-error an argument of another type
new Thread({ target: (count: number) => count, args: ['x'] });
class Worker extends Thread {
  override run(): number {
    return this.ident ?? 0;
  }
}
const threads: Thread[] = [new Worker({ name: 'worker' }), new Timer(1, (text: string) => text, ['x'])];
threads[0]?.join(1);
// @ts-expect-error ident is not settable
threads[0].ident = 1;

const condition = new Condition(new Lock());
new Condition(new RLock()).waitFor(() => 'ready').trim();
// @ts-expect-error a condition's lock is a Lock or an RLock
new Condition(queue);
const held: Disposable = condition.hold();
const hook = setExcepthook(({ error, thread }: ExceptHookArgs) => void [error, thread.name]);

class Session extends Local {
  user = 'nobody';
}
const user: string = new Session().user;

const clock = new MockClock({ rate: 1, autojumpThresholdMs: 0 });
const installed: Disposable = clock.install();
const exploring: Promise<void> = explore((random: Random) => random.pick(['a', 'b']).trim(), { runs: 1 });
export const all = [later, held, hook, user, installed, exploring];
