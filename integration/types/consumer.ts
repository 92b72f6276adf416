// A program that uses what aevent adds, type-checked against the packed package and with every declaration checked.
// That `aevent` is imported is all it takes for Node's modules to have the added functions and methods.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import dns, { lookupSync, resolve4Sync } from 'node:dns';
import { Resolver, resolveMxSync } from 'node:dns/promises';
import { EventEmitter, onceSync, onSync } from 'node:events';
import http, { getSync, requestSync } from 'node:http';
import https from 'node:https';
import net, { connectSync, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { finishedSync, PassThrough, pipelineSync, Readable } from 'node:stream';
import { bufferSync, textSync } from 'node:stream/consumers';
import { sleepSync } from 'node:timers';
import tls from 'node:tls';
import { receiveMessageSync, Worker } from 'node:worker_threads';
import aevent, {
  type Datagram,
  type Exit,
  failAfter,
  type Started,
  type TaskGroup,
  TaskHandle,
} from 'aevent';
import { register } from 'aevent/atexit';
import { pipe, read, write } from 'aevent/os';
import { PriorityQueue, Queue } from 'aevent/queue';
import { POLLIN, poll } from 'aevent/select';
import { sigwait } from 'aevent/signal';
import { MockClock } from 'aevent/testing';
import { Barrier, currentThread, Lock, Thread } from 'aevent/threading';

function sockets(): string | null {
  const server: Server = net.createServer().listenSync(0, '127.0.0.1');
  const accepted: Socket = server.acceptSync();
  accepted.writeSync('hello\n');
  accepted.endSync();
  const socket: Socket = connectSync({ port: 1, host: 'localhost', timeout: 10 });
  const line: string | null = socket.readLineSync();
  const exactly: Buffer | string = socket.readExactlySync(10);
  for (const chunk of socket) void chunk;
  const secure: tls.TLSSocket = tls.connectSync({ port: 443 });
  secure.writeSync(exactly);
  // @ts-expect-error: a size is a number
  socket.readSync('10');
  return line;
}

/** Accepts only a type that is exactly this: of `any`, the argument would have to be `never`. */
declare function known<T>(value: T & (0 extends 1 & T ? never : unknown)): void;

function streams(from: Readable): void {
  const through = new PassThrough();
  const chunk: Buffer | null = from.readSync(10);
  through.writeSync(chunk);
  for (const part of Readable.from(['a'])) through.writeSync(part, 'utf8');
  pipelineSync(from, through);
  finishedSync(through);
  const text: string = textSync(through);
  const buffer: Buffer = bufferSync(through);
  const rows: Iterable<{ id: number }> = Readable.from([{ id: 1 }]) as Iterable<unknown> as Iterable<{
    id: number;
  }>;
  const row: { id: number } | null = from.readSync();
  for (const part of aevent.asyncIter(from)) known<Buffer | string>(part);
  for (const part of aevent.asyncIter<{ id: number }>(from)) known<number>(part.id);
  for (const { id } of rows) known<number>(id);
  known<string | Buffer | null>(from.readSync());
  for (const chunk of from) known<string | Buffer>(chunk);
  // @ts-expect-error: no any
  from.readSync().nothing();
  // @ts-expect-error: no any
  for (const chunk of from) chunk.nothing();
  known<{ id: number } | null>(row);
  through.endSync(text + buffer.length);
}

function requests(): string {
  const response: http.IncomingMessage = getSync('http://localhost', { timeout: 1 });
  const posted: http.IncomingMessage = requestSync(new URL('http://localhost'), { method: 'POST' }, 'body');
  const secure: http.IncomingMessage = https.getSync('https://localhost');
  http.createServer((request, reply) => reply.endSync(request.readSync())).listenSync({ port: 0 });
  const bytes: Uint8Array = response.bytesSync();
  const json: unknown = secure.jsonSync();
  const text: string = getSync('http://localhost').textSync() + http.getSync('http://localhost').textSync();
  return `${response.statusCode} ${posted.readLineSync()} ${secure.headers.etag} ${bytes} ${json} ${text}`;
}

function names(): string[] {
  const addresses: string[] = resolve4Sync('example.org');
  const first: { address: string; family: number } = lookupSync('localhost');
  const exchange: string | undefined = resolveMxSync('example.org')[0]?.exchange;
  const resolver = new Resolver();
  return [
    ...addresses,
    ...dns.reverseSync('::1'),
    ...resolver.resolve6Sync('a'),
    first.address,
    exchange ?? '',
  ];
}

function datagrams(): number {
  const socket = createSocket('udp4');
  const { port } = socket.bindSync({ port: 0 });
  const { data, rinfo }: Datagram = socket.recvSync();
  return socket.sendSync(data, rinfo.port, rinfo.address) + port;
}

function events(): void {
  const [value] = onceSync(new EventEmitter(), 'event');
  for (const [first] of onSync(new EventEmitter(), 'event')) void first;
  const rl = createInterface({ input: process.stdin });
  const answer: string = rl.questionSync('? ');
  for (const line of rl) console.log(line.length, answer, value);
  const { code, signal }: Exit = spawn('true').waitSync();
  console.log(code, signal);
  sleepSync(1);
}

function modules(): void {
  const thread = new Thread({ target: (n: number) => n.toFixed(), args: [1], name: 'mine' });
  thread.start();
  thread.join();
  const queue = new Queue<string>(1);
  queue.put(currentThread().name);
  const got: string = queue.get();
  using _held = new Lock().hold();
  new Barrier(2).wait();
  new PriorityQueue<number>().put(got.length);
  const { 0: reading, 1: writing } = pipe();
  write(writing, 'x');
  console.log(read(reading, 1), new MockClock(), sigwait(['SIGUSR1'], 10));
  const watched = poll();
  watched.register(reading, POLLIN);
  register(console.log, 'bye');
}

const main = aevent.wrap((n: number): string => `${n}`);
function workers(): unknown {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { task: true, workerData: 1 });
  const received: { message: unknown } | undefined = receiveMessageSync(worker, 10);
  // @ts-expect-error: neither a port nor a Worker
  receiveMessageSync('port');
  return received?.message;
}

await aevent.run(() =>
  aevent.taskGroup((tg: TaskGroup) => {
    const handle = tg.startSoon((n: number) => n * 2, 21);
    const doubled: number = handle.wait();
    const port: number = tg.start((started: Started<number>) => started(doubled));
    const wanted: string = tg.start((started) => started('value'));
    const given = tg.start((started: (value: boolean) => void, value: boolean) => started(value), true);
    known<boolean>(given);
    tg.start((started) => started());
    tg.start((started, name: string) => started(name), wanted);
    // @ts-expect-error: a number is to be given
    tg.start((started: Started<number>) => started());
    // @ts-expect-error: handles are made by task groups
    new TaskHandle('mine', tg.cancelScope);
    const waited: string = aevent.await(main(port));
    for (const task of [sockets, requests, names, datagrams, events, modules, workers]) tg.spawn(task);
    tg.spawn(streams, Readable.from([waited]));
    // @ts-expect-error: not a function
    tg.spawn(42);
    return failAfter(10, () => aevent.asyncContext({ [Symbol.asyncDispose]: async () => {} }));
  }),
);
