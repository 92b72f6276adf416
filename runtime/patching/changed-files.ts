// Files that a piece reads and replaces, over and over: the store of a package such as `conf`, which does so at each change. In plain
// Node no other code sees the file in between. A piece that makes a great many cheap calls is put aside (cheap-calls.ts), but
// not while it has such a file in hand: another piece that changes the file meanwhile would have its change overwritten.
import type { Stats } from 'node:fs';
import { copyOfBuiltin } from '../base/builtins.js';
import { hasPart } from '../base/primordials.js';
import { currentCarrier } from '../suspension/native-core.js';
import { runningPiece } from '../suspension/pieces.js';

const { fileURLToPath } = copyOfBuiltin<typeof import('node:url')>('url');
const { resolve } = copyOfBuiltin<typeof import('node:path')>('path');

/** So many names of files are remembered at most: a walk over a tree reads any number. */
const MOST_NAMES = 512;

/**
 * After so many cheap calls that have nothing to do with the file, a piece does not have it in hand any more: between a read and a
 * write packages make some ten, and a walk over a tree must not keep the loop to its end.
 */
const MOST_CALLS_BETWEEN = 1000;

/** A file of a piece. */
interface File {
  readonly of: Files;
  /** It was read, and then replaced. */
  wasReplaced: boolean;
  /** And it was read again, and is not yet replaced. */
  isInHand: boolean;
}

/** The files of one piece. */
interface Files {
  readonly piece: number;
  /** By absolute path and by number of inode: a link, or another path, leads to the same file, and a new one can take its path. */
  readonly byName: Map<string | number, File>;
  /** Those that it has opened to write. */
  readonly byFd: Map<number, File>;
  /** So many of them are in hand. */
  inHand: number;
  /** True if it replaces one again without reading it: it has what is in there, and the next change comes on top. */
  keeps: boolean;
  /** Cheap calls since it last touched one that it replaces. */
  callsBetween: number;
}

const filesOf: (Files | undefined)[] = [];

/** Those of the running piece, if it has read any. */
function filesHere(): Files | undefined {
  const carrier = currentCarrier();
  const files = filesOf[carrier];
  return files?.piece === runningPiece(carrier) ? files : undefined;
}

function begin(carrier: number): Files {
  const files: Files = {
    piece: runningPiece(carrier),
    byName: new Map(),
    byFd: new Map(),
    inHand: 0,
    keeps: false,
    callsBetween: 0,
  };
  filesOf[carrier] = files;
  return files;
}

/** The file of the running piece by its names, of which one is enough; undefined if it has not read it. */
function fileHere(path: unknown, status?: Stats): File | undefined {
  const files = filesHere();
  return files && find(files, absolute(path), status);
}

function find(files: Files, path: string | undefined, status: Stats | undefined): File | undefined {
  const file =
    (path === undefined ? undefined : files.byName.get(path)) ??
    (status === undefined ? undefined : files.byName.get(status.ino));
  if (file !== undefined) name(file, path, status);
  return file;
}

function name(file: File, path: string | undefined, status: Stats | undefined): void {
  if (path !== undefined) file.of.byName.set(path, file);
  if (status !== undefined) file.of.byName.set(status.ino, file);
}

/**
 * To be called before the running piece reads a file.
 * @param path - as the program gives it; it may be a descriptor
 * @param status - of the file, if it is known
 */
export function noteRead(path: unknown, status?: Stats): void {
  readHere(path, status);
}

/** @returns undefined outside of pieces */
function readHere(given: unknown, status?: Stats): File | undefined {
  const carrier = currentCarrier();
  if (carrier === 0) return undefined;
  const files = filesHere() ?? begin(carrier);
  const path = absolute(given);
  let file = find(files, path, status);
  if (file === undefined) {
    if (files.byName.size >= MOST_NAMES) forget(files);
    file = { of: files, wasReplaced: false, isInHand: false };
    name(file, path, status);
  } else takeInHand(file);
  return file;
}

/** Forgets files that were read only; if that makes no room, all. */
function forget({ byName, inHand }: Files): void {
  byName.forEach((file, name) => {
    if (!file.wasReplaced) byName.delete(name);
  });
  if (byName.size > MOST_NAMES / 2 && inHand === 0) byName.clear();
}

/** If the piece has replaced it before. */
function takeInHand(file: File): void {
  if (!file.wasReplaced) return;
  if (!file.isInHand) file.of.inHand++;
  file.isInHand = true;
  file.of.callsBetween = 0;
}

/**
 * To be called before it replaces a file, or all that is in it.
 * @param status - gives that of the file that is replaced
 */
export function noteReplaced(path: unknown, status: () => Stats | undefined): void {
  const files = filesHere();
  if (files === undefined || files.byName.size === 0) return;
  const before = status();
  const file = find(files, absolute(path), before);
  if (file === undefined) return;
  if (before !== undefined) files.byName.delete(before.ino); // the next file may get this number
  putBack(file);
}

/** The same where it adds to a file: that changes nothing of others, so it has the file in hand again only when it reads it. */
export function noteAppended(path: unknown, status: Stats | undefined): void {
  const file = fileHere(path, status);
  if (file !== undefined) letGo(file);
}

/** To be called before it cuts a file, which it writes next. */
export function noteCut(path: unknown): void {
  cutHere(path);
}

function cutHere(path: unknown): File | undefined {
  const file = fileHere(path);
  if (file !== undefined) takeInHand(file);
  return file;
}

function putBack(file: File): void {
  if (!file.isInHand && file.wasReplaced) file.of.keeps = true;
  letGo(file);
}

function letGo(file: File): void {
  if (file.isInHand) file.of.inHand--;
  file.isInHand = false;
  file.wasReplaced = true;
  file.of.callsBetween = 0;
}

/**
 * To be called when it has opened a file. Written through a descriptor, the file counts as replaced when that is closed.
 * @param way - `read` only, `change` what is in there, or `replace`: it is empty now
 */
export function noteOpened(fd: number, path: unknown, way: 'read' | 'change' | 'replace'): void {
  const file = way === 'replace' ? cutHere(path) : readHere(path);
  if (way !== 'read' && file !== undefined) file.of.byFd.set(fd, file);
}

/** To be called before it closes a descriptor. */
export function noteClosed(fd: unknown): void {
  const file = filesHere()?.byFd.get(fd as number);
  if (file === undefined) return;
  file.of.byFd.delete(fd as number);
  putBack(file);
}

/** True while the running piece has such a file in hand. To be called after each cheap call that could be followed by others' code. */
export function isChangingFile(): boolean {
  const files = filesHere();
  if (files === undefined || (!files.keeps && files.inHand === 0)) return false;
  return ++files.callsBetween <= MOST_CALLS_BETWEEN;
}

/** True of an absolute path that resolve() would leave as it is, nearly always: that takes ten times as long. */
const isAbsolute = (path: string): boolean => path[0] === '/' && !hasPart(path, '/.') && !hasPart(path, '//');

/** The absolute path of a file; undefined of a descriptor, or of nothing that Node would take. */
function absolute(path: unknown): string | undefined {
  try {
    if (typeof path === 'string') return isAbsolute(path) ? path : resolve(path);
    if (typeof path !== 'object') return undefined;
    return path instanceof Uint8Array ? resolve(Buffer.from(path).toString()) : fileURLToPath(path as URL);
  } catch {
    return undefined;
  }
}
