// Chromium, driven by its protocol over two pipes: pages are opened, looked at, and given events of a real mouse.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

/** Where Debian has it; undefined if it is not installed. */
export const chromium: string | undefined = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  existsSync,
);

interface Message {
  readonly id?: number;
  readonly result?: Record<string, never>;
  readonly error?: { readonly message: string };
}

/** A browser with one page. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #to: Writable;
  readonly #answers = new Map<number, (message: Message) => void>();
  #session: string | undefined;
  #lastId = 0;

  private constructor(userData: string) {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${userData}`];
    this.#child = spawn(String(chromium), [...flags, '--window-size=1100,900', '--remote-debugging-pipe'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#to = this.#child.stdio[3] as Writable;
    let text = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (data: string) => {
      text += data;
      const messages = text.split('\0');
      text = messages.pop() ?? '';
      for (const each of messages) {
        const message = JSON.parse(each) as Message;
        if (message.id !== undefined) this.#answers.get(message.id)?.(message);
      }
    });
  }

  /** Starts it, with an empty page. */
  static async start(userData: string): Promise<Browser> {
    const browser = new Browser(userData);
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = sessionId;
    return browser;
  }

  /** Calls a method of the protocol's. */
  send(method: string, params: object): Promise<Record<string, never>> {
    const id = ++this.#lastId;
    this.#to.write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`);
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        this.#answers.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  /** What an expression is in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    return (result as unknown as { value: T }).value;
  }

  /** Opens a page, until `isDone` is true in it. */
  async open(url: string, isDone: string): Promise<void> {
    await this.send('Page.navigate', { url: 'about:blank' });
    await this.send('Page.navigate', { url });
    while (!(await this.evaluate<boolean>(isDone))) await new Promise((done) => setTimeout(done, 20));
  }

  /** Sends an event of the mouse. */
  async mouse(type: string, x: number, y: number, more: object = {}): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type, x, y, ...more });
  }

  /** Ends it. */
  async close(): Promise<void> {
    const closed = new Promise((done) => this.#child.once('close', done));
    this.#child.kill('SIGKILL');
    await closed;
  }
}
