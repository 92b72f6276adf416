import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll } from 'vitest';

type Message = {
  id?: number;
  method?: string;
  params?: { scriptId?: string };
  result?: never;
  error?: { message: string };
};

const QUIET_MS = 200;

const started: ChildProcess[] = [];
// Of a test that has failed.
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** The number, from 0 on, of the line of `file` that ends with `// mark`. */
export function lineOf(file: string, mark: string): number {
  return readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => line.endsWith(`// ${mark}`));
}

/** A client of the inspector's protocol, over the WebSocket that a debugger would use. */
export class Inspected {
  readonly child: ChildProcess;
  readonly #arrived = new EventEmitter();
  #seen: Message[] = [];
  /** The ids of those that it has told of. */
  readonly scripts = new Set<string>();
  stdout = '';
  stderr = '';
  #socket: Socket | undefined;
  #buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #lastId = 0;
  #heardMs = 0;
  readonly #answers = new Map<number, (message: Message) => void>();

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
  }

  /**
   * Starts a program under an inspector on a free port, and attaches to it.
   * @param option - with `--inspect-port` the program opens it by itself, by SIGUSR1
   */
  static async start(args: string[], env: NodeJS.ProcessEnv = {}, option = '--inspect'): Promise<Inspected> {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [`${option}=127.0.0.1:0`, ...args], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 50_000,
      killSignal: 'SIGKILL',
    });
    started.push(child);
    child.setMaxListeners(0);
    const inspected = new Inspected(child);
    child.once('close', () => inspected.#arrived.emit('event'));
    let url: RegExpExecArray | null = null;
    while (url === null) {
      await once(child.stderr as NonNullable<typeof child.stderr>, 'data');
      url = /ws:\/\/([\d.]+):(\d+)(\/\S+)/.exec(inspected.stderr);
    }
    await inspected.#open(url[1] as string, Number(url[2]), url[3] as string);
    return inspected;
  }

  async #open(host: string, port: number, path: string): Promise<void> {
    const socket = connect(port, host).setNoDelay();
    this.#socket = socket;
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let head = '';
    while (!head.includes('\r\n\r\n')) head += String((await once(socket, 'data'))[0]);
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(`the inspector answered ${head}`);
    socket.on('data', (data: Buffer) => this.#read(data));
    socket.on('error', () => {}); // the program has ended
  }

  #read(data: Buffer): void {
    this.#heardMs = performance.now();
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const buffer = this.#buffer;
      if (buffer.length < 2) return;
      let length = (buffer[1] as number) & 127;
      let at = 2;
      if (length === 126 && buffer.length >= 4) {
        length = buffer.readUInt16BE(2);
        at = 4;
      } else if (length === 127 && buffer.length >= 10) {
        length = Number(buffer.readBigUInt64BE(2));
        at = 10;
      } else if (length >= 126) return;
      if (buffer.length < at + length) return;
      this.#parts.push(buffer.subarray(at, at + length));
      this.#buffer = buffer.subarray(at + length);
      if (((buffer[0] as number) & 128) === 0) continue;
      const text = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      if (((buffer[0] as number) & 15) < 8) this.#handle(JSON.parse(text) as Message);
    }
  }

  #handle(message: Message): void {
    if (message.id === undefined) {
      if (message.method === 'Debugger.scriptParsed') this.scripts.add(message.params?.scriptId as string);
      this.#seen.push(message);
      this.#arrived.emit('event');
    } else {
      this.#answers.get(message.id)?.(message);
    }
  }

  /** Calls a method of the protocol. */
  // biome-ignore lint/suspicious/noExplicitAny: the protocol's types are in no package that is installed here
  post(method: string, params: object = {}): Promise<any> {
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => {
      this.#answers.set(id, ({ error, result }) =>
        error ? reject(new Error(error.message)) : resolve(result),
      );
      this.child.once('close', () => reject(this.#hasEnded(`${method} was answered`)));
    });
    const payload = Buffer.from(JSON.stringify({ id, method, params }));
    const head = Buffer.from([129, 128 | 126, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]);
    this.#socket?.write(Buffer.concat([head, payload])); // masked with zeros
    return answer;
  }

  /** Sets a breakpoint at the line of `file` that ends with `// mark`; gives its id. */
  async breakAt(file: string, mark: string): Promise<string> {
    const urlRegex = `.*/${basename(file).replace('.', '\\.')}$`;
    const lineNumber = lineOf(file, mark);
    return (await this.post('Debugger.setBreakpointByUrl', { lineNumber, urlRegex })).breakpointId;
  }

  get #isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  #hasEnded(before: string): Error {
    const { exitCode, signalCode } = this.child;
    const how = `with ${signalCode ?? `exit code ${exitCode}`} before ${before}`;
    return new Error(`the program ended ${how}\n${this.stdout}${this.stderr}`);
  }

  /** The parameters of the next event of that name, which may have come already; those before it are forgotten. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  async next(method: string): Promise<any> {
    for (;;) {
      const at = this.#seen.findIndex((message) => message.method === method);
      if (at >= 0) return this.#seen.splice(0, at + 1).at(-1)?.params;
      if (this.#isOver) throw this.#hasEnded(`${method} came`);
      await once(this.#arrived, 'event');
    }
  }

  /** Forgets the events of that name that have come, and gives their parameters. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  take(method: string): any[] {
    const taken = this.#seen.filter((message) => message.method === method);
    this.#seen = this.#seen.filter((message) => message.method !== method);
    return taken.map(({ params }) => params);
  }

  /**
   * Waits until the program has written its last line, detaches, for Node waits for that at its end, and waits for that. A
   * Node that still has something to tell when a debugger goes may end in a segmentation fault (`TcpHolder::WriteRaw`).
   */
  async ended(): Promise<{ code: number | null; stdout: string }> {
    const { child } = this;
    const closed = this.#isOver ? undefined : once(child, 'close');
    const isQuiet = (): boolean => performance.now() - this.#heardMs >= QUIET_MS;
    while (!this.#isOver && !(this.stdout.endsWith('\n') && isQuiet()))
      await Promise.race([closed, delay(20)]);
    this.#socket?.destroy();
    await closed;
    if (child.signalCode !== null) throw this.#hasEnded('it was over');
    return { code: child.exitCode, stdout: this.stdout };
  }
}
