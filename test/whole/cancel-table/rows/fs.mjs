import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import aevent from 'aevent';

/** More than is read or written in place, and more than a pipe holds. */
const BIG = Buffer.alloc(256 * 1024, 'x');

export const modules = { fs };

function few(directory) {
  const at = (name) => `${directory}/${name}`;
  fs.writeFileSync(at('small'), 'small');
  fs.symlinkSync('small', at('link'));
  fs.mkdirSync(at('empty'));
  return { at, fd: fs.openSync(at('small'), 'r+') };
}

function files(directory) {
  const at = (name) => `${directory}/${name}`;
  fs.writeFileSync(at('small'), 'small');
  fs.writeFileSync(at('big'), BIG);
  fs.mkdirSync(at('tree/a/b'), { recursive: true });
  for (const name of ['tree/1', 'tree/a/2', 'tree/a/b/3']) fs.writeFileSync(at(name), name);
  fs.writeFileSync(at('tree/a/big'), BIG);
  return { at, fd: fs.openSync(at('big'), 'r+') };
}

function close({ fd }) {
  try {
    fs.closeSync(fd);
  } catch (error) {
    if (error.code !== 'EBADF') throw error;
  }
}

const row = (name, act, rest = {}) => ({
  name: `fs.${name}`,
  covers: [`fs.${/^\w+/.exec(name)[0]}`],
  arrange: files,
  act,
  after: close,
  ...rest,
});

/** Calls that are one small step: the function's name and its arguments. */
const SMALL = {
  accessSync: ({ at }) => [at('small')],
  chmodSync: ({ at }) => [at('small'), 0o600],
  chownSync: ({ at }) => [at('small'), process.getuid(), process.getgid()],
  existsSync: ({ at }) => [at('small')],
  fchmodSync: ({ fd }) => [fd, 0o600],
  fchownSync: ({ fd }) => [fd, process.getuid(), process.getgid()],
  fstatSync: ({ fd }) => [fd],
  ftruncateSync: ({ fd }) => [fd, 10],
  futimesSync: ({ fd }) => [fd, 1, 1],
  lchownSync: ({ at }) => [at('link'), process.getuid(), process.getgid()],
  linkSync: ({ at }) => [at('small'), at('hard')],
  lstatSync: ({ at }) => [at('link')],
  lutimesSync: ({ at }) => [at('link'), 1, 1],
  mkdtempSync: ({ at }) => [at('temporary-')],
  readlinkSync: ({ at }) => [at('link')],
  realpathSync: ({ at }) => [at('link')],
  renameSync: ({ at }) => [at('small'), at('other')],
  statSync: ({ at }) => [at('small')],
  statfsSync: ({ at }) => [at('small')],
  symlinkSync: ({ at }) => ['small', at('link 2')],
  truncateSync: ({ at }) => [at('small'), 1],
  unlinkSync: ({ at }) => [at('small')],
  utimesSync: ({ at }) => [at('small'), 1, 1],
  mkdirSync: ({ at }) => [at('new/deep/er'), { recursive: true }],
  openAsBlobSync: ({ at }) => [at('small')],
  rmdirSync: ({ at }) => [at('empty')],
  mkdtempDisposableSync: ({ at }) => [at('temporary-')],
};

function fifo(directory) {
  const path = `${directory}/fifo`;
  execFileSync('mkfifo', [path]);
  return { path };
}

/** A FIFO with both ends open: reads wait, writes of more than it holds too. */
function pipe(directory) {
  const { path } = fifo(directory);
  const reader = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const writer = fs.openSync(path, 'w');
  const fd = fs.openSync(path, 'r');
  return { path, reader, writer, fd };
}

function closePipe({ reader, writer, fd }) {
  for (const one of [reader, writer, fd]) fs.closeSync(one);
}

const onPipe = { arrange: pipe, after: closePipe };
const feed = { ...onPipe, finish: ({ writer }) => void fs.writeSync(writer, 'text') };
/** Nothing was taken from the pipe by a read that was cancelled. */
const unread = {
  ...feed,
  after: (state, { cancelled, value }) => {
    const rest = Buffer.alloc(16);
    let left = 0;
    try {
      left = fs.readSync(state.reader, rest);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
    closePipe(state);
    if (cancelled ? left !== 0 && left !== 4 : left + value !== 4 && value !== undefined) {
      throw new Error(`${left} bytes are left in the pipe, ${value} were read`);
    }
  },
};

const open = (state, fd) => {
  state.opened = fd;
};
const closeOpened = (state) => {
  if (state.opened !== undefined) fs.closeSync(state.opened);
};

const some = () => Buffer.alloc(16);

export const rows = [
  ...Object.entries(SMALL)
    .filter(([name]) => name in fs)
    .map(([name, args]) => row(name, (state) => void fs[name](...args(state)), { arrange: few })),
  row('closeSync, which cannot be cancelled', ({ fd }) => fs.closeSync(fd), {
    arrange: few,
    after: ({ fd }, { cancelled }) => {
      if (cancelled) throw new Error(`${fd} may be open`);
    },
    atOnce: true,
  }),
  row('readFileSync of a small file', ({ at }) => fs.readFileSync(at('small'))),
  row('readFileSync of a big file', ({ at }) => fs.readFileSync(at('big'))),
  row('readFileSync of a FIFO that nobody writes to', ({ path }) => fs.readFileSync(path), {
    arrange: fifo,
    after: undefined,
  }),
  row('readFileSync of a pipe', ({ fd }) => fs.readFileSync(fd), onPipe),
  row('readSync of a small part', ({ fd }) => fs.readSync(fd, some())),
  row('readSync of a big part', ({ fd }) => fs.readSync(fd, Buffer.alloc(BIG.length))),
  row('readSync of a pipe', ({ fd }) => fs.readSync(fd, some()), unread),
  row('readvSync of a big part', ({ fd }) => fs.readvSync(fd, [some(), Buffer.alloc(BIG.length)])),
  row('readvSync of a pipe', ({ fd }) => fs.readvSync(fd, [some()]), unread),
  row('writeFileSync of a small file', ({ at }) => fs.writeFileSync(at('new'), 'small')),
  row('writeFileSync of a big file', ({ at }) => fs.writeFileSync(at('new'), BIG)),
  row('writeFileSync of a FIFO that nobody reads', ({ path }) => fs.writeFileSync(path, 'x'), {
    arrange: fifo,
    after: undefined,
  }),
  row('writeFileSync of a full pipe', ({ writer }) => fs.writeFileSync(writer, BIG), onPipe),
  row('appendFileSync of a small file', ({ at }) => fs.appendFileSync(at('small'), 'x')),
  row('appendFileSync of a big file', ({ at }) => fs.appendFileSync(at('big'), BIG)),
  row('writeSync of a small part', ({ fd }) => fs.writeSync(fd, 'x')),
  row('writeSync of a big part', ({ fd }) => fs.writeSync(fd, BIG)),
  row('writeSync of a full pipe', ({ writer }) => fs.writeSync(writer, BIG), onPipe),
  row('writevSync of a big part', ({ fd }) => fs.writevSync(fd, [BIG])),
  row('writevSync of a full pipe', ({ writer }) => fs.writevSync(writer, [BIG]), onPipe),
  row('fsyncSync', ({ fd }) => fs.fsyncSync(fd)),
  row('fdatasyncSync', ({ fd }) => fs.fdatasyncSync(fd)),
  row('copyFileSync of a small file', ({ at }) => fs.copyFileSync(at('small'), at('new'))),
  row('copyFileSync of a big file', ({ at }) => fs.copyFileSync(at('big'), at('new'))),
  row('cpSync of a tree', ({ at }) => fs.cpSync(at('tree'), at('new'), { recursive: true })),
  row('cpSync with a filter', ({ at }) =>
    fs.cpSync(at('tree'), at('new'), { recursive: true, filter: () => true }),
  ),
  row('cpSync of a big file', ({ at }) => fs.cpSync(at('big'), at('new'))),
  row('rmSync of a tree', ({ at }) => fs.rmSync(at('tree'), { recursive: true })),
  row('rmSync of a file', ({ at }) => fs.rmSync(at('small'))),
  row('readdirSync', ({ at }) => fs.readdirSync(at('tree'))),
  row('readdirSync, recursive', ({ at }) => fs.readdirSync(at('tree'), { recursive: true })),
  row('opendirSync and what it gives', ({ at }) => {
    const dir = fs.opendirSync(at('tree'));
    try {
      while (dir.readSync() !== null);
    } finally {
      aevent.native(() => dir.closeSync());
    }
  }),
  row('openSync of a file', (state) => open(state, fs.openSync(state.at('small'))), {
    after: (state) => {
      close(state);
      closeOpened(state);
    },
  }),
  row('openSync of a FIFO for reading', (state) => open(state, fs.openSync(state.path, 'r')), {
    arrange: fifo,
    after: closeOpened,
  }),
  row('openSync of a FIFO for writing', (state) => open(state, fs.openSync(state.path, 'w')), {
    arrange: fifo,
    after: closeOpened,
  }),
  row('openSync of a FIFO whose other end comes', (state) => open(state, fs.openSync(state.path, 'r')), {
    arrange: fifo,
    finish: (state) => {
      try {
        state.writer = fs.openSync(state.path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
      } catch (error) {
        if (error.code !== 'ENXIO') throw error;
      }
    },
    after: (state) => {
      closeOpened(state);
      if (state.writer !== undefined) fs.closeSync(state.writer);
    },
  }),
  ...('globSync' in fs
    ? [
        row('globSync', ({ at }) => fs.globSync('**', { cwd: at('tree') })),
        row('globSync that excludes by pattern', ({ at }) =>
          fs.globSync('**', { cwd: at('tree'), exclude: ['a'] }),
        ),
      ]
    : []),
];
