// Answers `aevent tasks <pid>`: each connection asks one question, and gets the tasks of all threads as JSON.
import type { Socket } from 'node:net';
import { builtin, ofProcess } from '../base/builtins.js';
import { messageOf } from '../base/describe.js';
import { each, exec, slice } from '../base/primordials.js';
import { outside } from './outside.js';
import { directoryOf, type Question, socketOf, whyNoSocket } from './socket-path.js';
import { tasksOfThreads } from './threads.js';

const process = builtin<typeof import('node:process')>('process');
const fs = builtin<typeof import('node:fs')>('fs');
const net = builtin<typeof import('node:net')>('net');

/** A question is no longer, in characters. */
const MOST_OF_QUESTION = 1000;
/** So many sockets of others are looked at. */
const MOST_STALE = 1000;

/**
 * Opens the socket; the process does not wait for it.
 * @returns empty, or why it cannot be
 */
export function serveTasks(): string {
  const whyNot = whyNoSocket(process.platform);
  if (whyNot !== '' || process.getuid === undefined) return whyNot;
  const uid = process.getuid();
  const directory = directoryOf(uid);
  const path = socketOf(uid, process.pid);
  try {
    makePrivate(directory, uid);
    fs.rmSync(path, { force: true });
  } catch (error) {
    return messageOf(error);
  }
  outside(() => {
    removeStale(directory);
    const server = net.createServer((socket) => outside(() => converse(socket)));
    server.on('error', (error) => outside(() => warn(messageOf(error))));
    server.listen(path, () => fs.chmodSync(path, 0o600));
    server.unref();
    ofProcess.on('exit', () => fs.rmSync(path, { force: true }));
  });
  return '';
}

/** Makes the directory, or throws if another user could have put something there. */
function makePrivate(directory: string, uid: number): void {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const status = fs.lstatSync(directory);
  if (status.isDirectory() && status.uid === uid && (status.mode & 0o077) === 0) return;
  throw new Error(`${directory} is not a directory that only this user can enter`);
}

/** Processes that a signal has ended have left their sockets. One that still answers is of another container. */
function removeStale(directory: string): void {
  for (const name of each(slice(fs.readdirSync(directory), 0, MOST_STALE))) {
    const pid = Number(exec(/^(\d+)\.sock$/, name)?.[1] ?? process.pid);
    if (pid === process.pid || isAlive(pid)) continue;
    const path = `${directory}/${name}`;
    const socket = net.connect(path, () => socket.destroy());
    socket.unref();
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') fs.rmSync(path, { force: true });
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    return ofProcess.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function converse(socket: Socket): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.unref();
  // One that leaves before it has its answer.
  socket.on('error', () => {});
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (text.length > MOST_OF_QUESTION) socket.destroy();
    else if (text.endsWith('\n')) outside(() => answer(socket, text));
  });
}

function answer(socket: Socket, text: string): void {
  let question: Question;
  try {
    question = JSON.parse(text) as Question;
  } catch {
    socket.destroy();
    return;
  }
  tasksOfThreads(question.stacks, (found) => socket.end(`${JSON.stringify(found)}\n`));
}

/** Says that the process cannot be asked. */
export function warn(why: string): void {
  process.emitWarning(`aevent tasks ${process.pid} will find nothing: ${why}.`, {
    type: 'AeventWarning',
    code: 'AEVENT_NOT_INSPECTABLE',
  });
}
