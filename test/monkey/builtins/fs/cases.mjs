// Calls of fs's sync functions, with what they are to be compared by. Each gets `fs` and a fresh directory that
// `plant` has planted, which is also compared afterwards.
// More than 400 lines, since it is a list of cases.
import { Buffer } from 'node:buffer';
import { pathToFileURL } from 'node:url';

const LARGE_BYTES = 300 * 1024;

/** @param {typeof import('node:fs')} fs */
export function plant(fs, dir) {
  fs.writeFileSync(`${dir}/small`, 'small é');
  fs.writeFileSync(`${dir}/large`, Buffer.alloc(LARGE_BYTES, 'large '));
  fs.writeFileSync(`${dir}/empty`, '');
  fs.mkdirSync(`${dir}/tree/a/b`, { recursive: true });
  fs.mkdirSync(`${dir}/hollow`);
  for (const name of ['x.js', 'y.txt', 'a/x.js', 'a/b/z.js']) {
    fs.writeFileSync(`${dir}/tree/${name}`, name, { mode: name.includes('b') ? 0o640 : 0o644 });
  }
  fs.symlinkSync('small', `${dir}/link`);
  fs.symlinkSync('nowhere', `${dir}/dead`);
  fs.symlinkSync('b', `${dir}/tree/a/inner`);
}

/** A tree that is too large to be done in one go, in every function's eyes. */
function plantWide(fs, dir) {
  for (let i = 0; i < 40; i++) {
    fs.mkdirSync(`${dir}/wide/d${i}`, { recursive: true });
    fs.writeFileSync(`${dir}/wide/d${i}/f.js`, `${i}`, { mode: 0o600 });
  }
  fs.chmodSync(`${dir}/wide/d3`, 0o711);
  fs.writeFileSync(`${dir}/wide/large`, Buffer.alloc(LARGE_BYTES, 'wide'));
  fs.symlinkSync('d1', `${dir}/wide/link`);
  fs.symlinkSync('../small', `${dir}/wide/out`);
  fs.symlinkSync('nowhere', `${dir}/wide/dead`);
}

const withFd = (path, flags, use) => (fs, dir) => {
  const fd = fs.openSync(`${dir}/${path}`, flags);
  try {
    return use(fs, fd, dir);
  } finally {
    fs.closeSync(fd);
  }
};

const statShape = (stats) =>
  stats && {
    type: stats.constructor.name,
    kind: typeof stats.size,
    size: stats.isDirectory() ? 0 : stats.size,
    mode: stats.mode,
    isFile: stats.isFile(),
    isDirectory: stats.isDirectory(),
    isSymbolicLink: stats.isSymbolicLink(),
  };

const direntShape = (entry) => [
  entry.constructor.name,
  entry.name,
  entry.parentPath ?? entry.path,
  entry.isFile(),
  entry.isDirectory(),
];

const PATHS = [
  'small',
  'large',
  'empty',
  'tree',
  'link',
  'dead',
  'missing',
  'missing/deep',
  'small/below',
  '',
];
const BAD_PATHS = [undefined, null, 7, {}, 'nul\0byte', '', Symbol.iterator];
const BAD_FDS = [-1, 9999, 1.5, '3', null, undefined, {}, 2 ** 40];

/** @type {Record<string, (fs: typeof import('node:fs'), dir: string) => unknown>} */
export const cases = {};
const add = (name, run) => {
  cases[name] = run;
};

for (const path of PATHS) {
  const at = (dir) => (path === '' ? '' : `${dir}/${path}`);
  for (const [label, options] of Object.entries({
    plain: undefined,
    bigint: { bigint: true },
    lax: { throwIfNoEntry: false },
  })) {
    add(`statSync ${path} ${label}`, (fs, dir) => statShape(fs.statSync(at(dir), options)));
    add(`lstatSync ${path} ${label}`, (fs, dir) => statShape(fs.lstatSync(at(dir), options)));
  }
  for (const name of [
    'accessSync',
    'existsSync',
    'unlinkSync',
    'readlinkSync',
    'realpathSync',
    'rmdirSync',
    'rmSync',
    'truncateSync',
  ]) {
    add(`${name} ${path}`, (fs, dir) => fs[name](at(dir)));
  }
  add(`realpathSync.native ${path}`, (fs, dir) => fs.realpathSync.native(at(dir)));
  add(`accessSync X_OK ${path}`, (fs, dir) => fs.accessSync(at(dir), fs.constants.X_OK));
  add(`chmodSync ${path}`, (fs, dir) => fs.chmodSync(at(dir), 0o600));
  add(`utimesSync ${path}`, (fs, dir) => fs.utimesSync(at(dir), 1, 2));
  add(`lutimesSync ${path}`, (fs, dir) => fs.lutimesSync(at(dir), 1, 2));
  add(`chownSync ${path}`, (fs, dir) => fs.chownSync(at(dir), process.getuid(), process.getgid()));
  add(`lchownSync ${path}`, (fs, dir) => fs.lchownSync(at(dir), process.getuid(), process.getgid()));
  add(`linkSync ${path}`, (fs, dir) => fs.linkSync(at(dir), `${dir}/hard`));
  add(`symlinkSync ${path}`, (fs, dir) => fs.symlinkSync('small', at(dir)));
  add(`renameSync ${path}`, (fs, dir) => fs.renameSync(at(dir), `${dir}/renamed`));
  add(`mkdirSync ${path}`, (fs, dir) => fs.mkdirSync(at(dir)));
  add(`mkdirSync recursive ${path}`, (fs, dir) => fs.mkdirSync(at(dir), { recursive: true, mode: 0o700 }));
  if (path !== '') add(`mkdtempSync ${path}`, (fs, dir) => fs.mkdtempSync(at(dir)).slice(0, -6));
  add(`statfsSync ${path}`, (fs, dir) => typeof fs.statfsSync(at(dir)).blocks);
  add(`readdirSync ${path}`, (fs, dir) => fs.readdirSync(at(dir)));
  add(`readdirSync types ${path}`, (fs, dir) =>
    fs.readdirSync(at(dir), { withFileTypes: true }).map(direntShape),
  );
  add(`opendirSync ${path}`, (fs, dir) => {
    const opened = fs.opendirSync(at(dir));
    const names = [];
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) names.push(entry.name);
    opened.closeSync();
    return [names.sort(), opened instanceof fs.Dir, opened.path, opened.constructor.name];
  });
  add(`openSync ${path}`, (fs, dir) => fs.closeSync(fs.openSync(at(dir))));
  for (const flags of ['r+', 'w', 'wx', 'a', 'ax+', 'rs', 'nonsense', 0, null]) {
    add(`openSync ${path} ${flags}`, (fs, dir) => fs.closeSync(fs.openSync(at(dir), flags, 0o600)));
  }
  for (const options of [
    undefined,
    'utf8',
    'utf-8',
    'hex',
    'latin1',
    'nonsense',
    {},
    { encoding: 'base64' },
    { flag: 'a+' },
    { flag: 'x' },
    null,
    5,
  ]) {
    add(`readFileSync ${path} ${JSON.stringify(options)}`, (fs, dir) => fs.readFileSync(at(dir), options));
  }
  for (const data of [
    'text é',
    Buffer.from('bytes'),
    new Uint16Array([1, 2]),
    '',
    'long'.repeat(LARGE_BYTES / 4),
    Buffer.alloc(LARGE_BYTES, 1),
  ]) {
    const label = `${data.constructor.name} ${data.length}`;
    for (const name of ['writeFileSync', 'appendFileSync']) {
      add(`${name} ${path} ${label}`, (fs, dir) => fs[name](at(dir), data));
      add(`${name} ${path} ${label} with options`, (fs, dir) =>
        fs[name](at(dir), data, { mode: 0o600, flag: 'a+', flush: true, encoding: 'latin1' }),
      );
      add(`${name} ${path} ${label} exclusively`, (fs, dir) => fs[name](at(dir), data, { flag: 'wx' }));
    }
  }
  for (const mode of [undefined, 0, 1, 2, 99, 'x']) {
    add(`copyFileSync ${path} ${mode}`, (fs, dir) => fs.copyFileSync(at(dir), `${dir}/copy`, mode));
    add(`copyFileSync large onto ${path} ${mode}`, (fs, dir) =>
      fs.copyFileSync(`${dir}/large`, at(dir), mode),
    );
  }
  for (const options of [
    undefined,
    { recursive: true },
    { recursive: true, force: false, errorOnExist: true },
    { recursive: true, dereference: true },
    { recursive: true, verbatimSymlinks: true, preserveTimestamps: true },
    { recursive: true, filter: () => true },
    { recursive: true, filter: () => false },
    { recursive: true, filter: async () => true },
    { filter: 5 },
    { mode: 99 },
    { recursive: 'yes' },
    null,
  ]) {
    const label = JSON.stringify(options, (_, value) => (typeof value === 'function' ? 'function' : value));
    if (path === 'dead') continue; // Node 26 aborts at dead links, natively, too.
    add(`cpSync ${path} ${label}`, (fs, dir) => fs.cpSync(at(dir), `${dir}/copy/of`, options));
    add(`cpSync ${path} onto hollow ${label}`, (fs, dir) => fs.cpSync(at(dir), `${dir}/hollow`, options));
    add(`cpSync ${path} onto itself ${label}`, (fs, dir) => fs.cpSync(at(dir), at(dir), options));
    add(`cpSync tree onto ${path} ${label}`, (fs, dir) => fs.cpSync(`${dir}/tree`, at(dir), options));
    add(`cpSync tree into itself ${path} ${label}`, (fs, dir) =>
      fs.cpSync(`${dir}/tree`, `${dir}/tree/${path}/in`, options),
    );
  }
  for (const options of [
    { recursive: true },
    { recursive: true, force: true, maxRetries: 1, retryDelay: 1 },
    { force: true },
    { recursive: 'yes' },
    { recursive: true, maxRetries: -1 },
    { recursive: true, retryDelay: 'x' },
    { recursive: true, force: 1 },
    { recursive: true, force: undefined },
    { recursive: true, maxRetries: null },
    5,
    null,
  ]) {
    add(`rmSync ${path} ${Object.entries(options ?? {})}`, (fs, dir) => fs.rmSync(at(dir), options));
    add(`rmdirSync ${path} ${Object.entries(options ?? {})}`, (fs, dir) => fs.rmdirSync(at(dir), options));
  }
}

for (const path of BAD_PATHS) {
  for (const name of [
    'statSync',
    'lstatSync',
    'readFileSync',
    'readdirSync',
    'opendirSync',
    'openSync',
    'rmSync',
    'unlinkSync',
    'mkdirSync',
    'realpathSync',
    'existsSync',
    'accessSync',
    'readlinkSync',
    'statfsSync',
    'mkdtempSync',
    'truncateSync',
    'rmdirSync',
  ]) {
    // An empty prefix is a good one: the directory would be made here.
    if (name !== 'mkdtempSync' || path !== '')
      add(`${name} of bad path ${String(path)}`, (fs) => fs[name](path));
  }
  for (const name of ['copyFileSync', 'cpSync', 'renameSync', 'linkSync', 'symlinkSync']) {
    add(`${name} from bad path ${String(path)}`, (fs, dir) => fs[name](path, `${dir}/to`));
    add(`${name} to bad path ${String(path)}`, (fs, dir) => fs[name](`${dir}/small`, path));
  }
  add(`writeFileSync to bad path ${String(path)}`, (fs) => fs.writeFileSync(path, 'x'));
  add(`rmSync recursive of bad path ${String(path)}`, (fs) =>
    fs.rmSync(path, { recursive: true, force: true }),
  );
  add(`globSync of bad pattern ${String(path)}`, (fs, dir) => fs.globSync(path, { cwd: `${dir}/tree` }));
}

for (const data of [undefined, null, 5, {}, [], Symbol.iterator]) {
  add(`writeFileSync of bad data ${typeof data} ${data === null}`, (fs, dir) =>
    fs.writeFileSync(`${dir}/new`, data),
  );
  add(`appendFileSync of bad data ${typeof data} ${data === null}`, (fs, dir) =>
    fs.appendFileSync(`${dir}/small`, data),
  );
  add(
    `writeSync of bad data ${typeof data} ${data === null}`,
    withFd('small', 'r+', (fs, fd) => fs.writeSync(fd, data)),
  );
  add(
    `readSync into bad buffer ${typeof data} ${data === null}`,
    withFd('small', 'r', (fs, fd) => fs.readSync(fd, data)),
  );
  add(
    `readvSync into bad buffers ${typeof data} ${data === null}`,
    withFd('small', 'r', (fs, fd) => fs.readvSync(fd, data)),
  );
  add(
    `writevSync of bad buffers ${typeof data} ${data === null}`,
    withFd('small', 'r+', (fs, fd) => fs.writevSync(fd, data)),
  );
}

for (const fd of BAD_FDS) {
  for (const name of [
    'fstatSync',
    'closeSync',
    'fsyncSync',
    'fdatasyncSync',
    'ftruncateSync',
    'readFileSync',
  ]) {
    if (name === 'readFileSync' && typeof fd === 'string') continue;
    add(`${name} of bad fd ${String(fd)}`, (fs) => fs[name](fd));
  }
  add(`readSync of bad fd ${String(fd)}`, (fs) => fs.readSync(fd, Buffer.alloc(4)));
  add(`readSync large of bad fd ${String(fd)}`, (fs) => fs.readSync(fd, Buffer.alloc(LARGE_BYTES)));
  add(`writeSync of bad fd ${String(fd)}`, (fs) => fs.writeSync(fd, 'text'));
  add(`writeSync large of bad fd ${String(fd)}`, (fs) => fs.writeSync(fd, Buffer.alloc(LARGE_BYTES)));
  add(`readvSync of bad fd ${String(fd)}`, (fs) => fs.readvSync(fd, [Buffer.alloc(4)]));
  add(`writevSync of bad fd ${String(fd)}`, (fs) => fs.writevSync(fd, [Buffer.alloc(4)]));
  add(`fchmodSync of bad fd ${String(fd)}`, (fs) => fs.fchmodSync(fd, 0o600));
  add(`futimesSync of bad fd ${String(fd)}`, (fs) => fs.futimesSync(fd, 1, 2));
  if (typeof fd === 'number') add(`writeFileSync to bad fd ${String(fd)}`, (fs) => fs.writeFileSync(fd, 'x'));
}

const READ_ARGUMENTS = [
  [],
  [0],
  [1, 3],
  [0, 4, 0],
  [0, 4, 2],
  [0, 4, null],
  [0, 4, -1],
  [0, 4, 2n],
  [null],
  [{}],
  [{ offset: 2 }],
  [{ length: 3, position: 1 }],
  [{ offset: 2, length: 9 }],
  [-1],
  [0, 99],
  [0, -1],
  [0, 4, 'x'],
  [1.5],
  ['x'],
  [undefined, 3],
  [0, 0],
  [0, '3'],
  [{ position: 5n }],
  [5],
];
for (const size of [8, LARGE_BYTES]) {
  for (const args of READ_ARGUMENTS) {
    const label = `${size} ${JSON.stringify(args, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`;
    add(
      `readSync ${label}`,
      withFd('large', 'r', (fs, fd) => {
        const buffer = Buffer.alloc(size);
        return [fs.readSync(fd, buffer, ...args), buffer, fs.readSync(fd, Buffer.alloc(9))];
      }),
    );
    add(
      `writeSync ${label}`,
      withFd('small', 'r+', (fs, fd) => fs.writeSync(fd, Buffer.alloc(size, 65), ...args)),
    );
  }
}
for (const args of [
  [],
  [0],
  [2, 'latin1'],
  [null, 'hex'],
  [undefined, 'nonsense'],
  [1, 'utf8'],
  ['x'],
  [0, 5],
]) {
  for (const text of ['éa', 'abc', '', 'é'.repeat(LARGE_BYTES)]) {
    add(
      `writeSync text ${text.length} ${JSON.stringify(args)}`,
      withFd('small', 'r+', (fs, fd) => fs.writeSync(fd, text, ...args)),
    );
  }
}
for (const position of [undefined, null, 0, 3, 'x', -1]) {
  for (const size of [5, LARGE_BYTES]) {
    add(
      `readvSync ${size} ${position}`,
      withFd('large', 'r', (fs, fd) => {
        const buffers = [Buffer.alloc(size), new Uint8Array(3)];
        return [fs.readvSync(fd, buffers, position), buffers];
      }),
    );
    add(
      `writevSync ${size} ${position}`,
      withFd('small', 'r+', (fs, fd) =>
        fs.writevSync(fd, [Buffer.alloc(size, 66), new Uint8Array(3)], position),
      ),
    );
  }
}
add(
  'readSync of a directory',
  withFd('tree', 'r', (fs, fd) => fs.readSync(fd, Buffer.alloc(8))),
);
add(
  'writeSync to what is open for reading',
  withFd('small', 'r', (fs, fd) => fs.writeSync(fd, 'x')),
);
add(
  'readFileSync of a descriptor in the middle',
  withFd('large', 'r', (fs, fd) => {
    fs.readSync(fd, Buffer.alloc(10));
    return fs.readFileSync(fd, 'latin1');
  }),
);
add(
  'writeFileSync to a descriptor',
  withFd('small', 'r+', (fs, fd) => fs.writeFileSync(fd, Buffer.alloc(LARGE_BYTES, 67))),
);
add(
  'appendFileSync to a descriptor',
  withFd('small', 'a', (fs, fd) => fs.appendFileSync(fd, 'more')),
);
add(
  'fsyncSync',
  withFd('small', 'r+', (fs, fd) => [fs.fsyncSync(fd), fs.fdatasyncSync(fd)]),
);
add(
  'fstatSync',
  withFd('small', 'r+', (fs, fd) => [
    statShape(fs.fstatSync(fd)),
    statShape(fs.fstatSync(fd, { bigint: true })),
  ]),
);
add(
  'ftruncateSync',
  withFd('small', 'r+', (fs, fd) => [fs.ftruncateSync(fd, 3), fs.ftruncateSync(fd, -1)]),
);
add(
  'fchmodSync and fchownSync',
  withFd('small', 'r+', (fs, fd) => [
    fs.fchmodSync(fd, 0o640),
    fs.fchownSync(fd, process.getuid(), process.getgid()),
  ]),
);
add(
  'futimesSync',
  withFd('small', 'r+', (fs, fd) => [fs.futimesSync(fd, 5, 6), fs.fstatSync(fd).mtimeMs]),
);
// Where a descriptor is open for the other direction only, each read or write fails.
for (const [flags, name, call] of [
  ['a', 'readFileSync', (fs, fd) => fs.readFileSync(fd)],
  ['a', 'readFileSync as text', (fs, fd) => fs.readFileSync(fd, 'utf8')],
  ['a', 'readSync', (fs, fd) => fs.readSync(fd, Buffer.alloc(LARGE_BYTES))],
  ['a', 'readvSync', (fs, fd) => fs.readvSync(fd, [Buffer.alloc(LARGE_BYTES), Buffer.alloc(1)])],
  ['r', 'writeFileSync', (fs, fd) => fs.writeFileSync(fd, Buffer.alloc(LARGE_BYTES))],
  [
    'r',
    'writeFileSync flushed',
    (fs, fd) => fs.writeFileSync(fd, Buffer.alloc(LARGE_BYTES), { flush: true }),
  ],
  ['r', 'appendFileSync', (fs, fd) => fs.appendFileSync(fd, 'x'.repeat(LARGE_BYTES))],
  ['r', 'writeSync', (fs, fd) => fs.writeSync(fd, Buffer.alloc(LARGE_BYTES))],
  ['r', 'writeSync of text', (fs, fd) => fs.writeSync(fd, 'x'.repeat(LARGE_BYTES))],
  ['r', 'writevSync', (fs, fd) => fs.writevSync(fd, [Buffer.alloc(LARGE_BYTES)])],
  ['r', 'ftruncateSync', (fs, fd) => fs.ftruncateSync(fd, 0)],
])
  add(`${name} of a descriptor opened with '${flags}'`, withFd('large', flags, call));

add('readFileSync of a file that is too large', (fs, dir) => {
  fs.truncateSync(`${dir}/empty`, 2 ** 31);
  try {
    fs.readFileSync(`${dir}/empty`);
  } finally {
    fs.truncateSync(`${dir}/empty`, 0);
  }
});
add('readFileSync into a buffer of the program', (fs, dir) => {
  const buffer = Buffer.alloc(LARGE_BYTES + 10, '.');
  return [fs.readFileSync(`${dir}/large`, { buffer }).length, buffer.toString('latin1')];
});

add('readFileSync of /proc', (fs) => fs.readFileSync('/proc/self/cmdline').length > 0);
add('readFileSync of /dev/null', (fs) => fs.readFileSync('/dev/null', 'utf8'));
add('readSync of /dev/zero', (fs) => {
  const fd = fs.openSync('/dev/zero');
  const buffer = Buffer.alloc(LARGE_BYTES, 1);
  const count = fs.readSync(fd, buffer);
  fs.closeSync(fd);
  return [count, buffer];
});
add('writeFileSync to /dev/null', (fs) => fs.writeFileSync('/dev/null', 'x'.repeat(LARGE_BYTES)));
add('paths as URL and Buffer', (fs, dir) => [
  fs.readFileSync(pathToFileURL(`${dir}/large`)).length,
  fs.readFileSync(Buffer.from(`${dir}/small`), 'utf8'),
  fs.readdirSync(pathToFileURL(`${dir}/tree`)),
  fs.cpSync(pathToFileURL(`${dir}/tree`), pathToFileURL(`${dir}/copied`), { recursive: true }),
  fs.rmSync(pathToFileURL(`${dir}/tree`), { recursive: true }),
]);
add('opendirSync wants a good buffer size', (fs, dir) => fs.opendirSync(dir, { bufferSize: -1 }));
add('opendirSync recursive', (fs, dir) => {
  const opened = fs.opendirSync(dir, { recursive: true, bufferSize: 1 });
  const names = [];
  for (let entry = opened.readSync(); entry; entry = opened.readSync()) names.push(entry.name);
  opened.closeSync();
  return names.sort();
});
add('a closed Dir', (fs, dir) => {
  const opened = fs.opendirSync(dir);
  opened.closeSync();
  return opened.readSync();
});
add('a Dir closed twice', (fs, dir) => {
  const opened = fs.opendirSync(dir);
  opened.closeSync();
  opened.closeSync();
});
for (const options of [
  { recursive: true },
  { recursive: true, withFileTypes: true },
  { recursive: true, encoding: 'buffer' },
  { encoding: 'buffer' },
  { recursive: 'yes' },
  'hex',
  'nonsense',
  null,
  { withFileTypes: true, encoding: 'buffer' },
]) {
  add(`readdirSync of a tree ${JSON.stringify(options)}`, (fs, dir) => {
    plantWide(fs, dir);
    return fs
      .readdirSync(dir, options)
      .map((entry) => (entry.parentPath === undefined ? entry : direntShape(entry)));
  });
}
for (const [pattern, options] of [
  ['**/*.js'],
  ['**', { withFileTypes: true }],
  ['wide/*/f.js', { exclude: (name) => String(name).endsWith('d2') }],
  ['**', { exclude: ['wide/**', '**/a'] }],
  [['*', 'tree/*']],
  ['{tree,wide}/**/*.{js,txt}', {}],
  ['missing/*'],
  ['**/../small'],
  ['**', { exclude: 5 }],
  ['**', { cwd: 5 }],
]) {
  const label = JSON.stringify([pattern, options], (_, value) =>
    typeof value === 'function' ? 'function' : value,
  );
  add(`globSync ${label}`, (fs, dir) => {
    plantWide(fs, dir);
    return fs
      .globSync(pattern, { cwd: dir, ...options })
      .map((entry) => (typeof entry === 'string' ? entry : direntShape(entry)));
  });
}
for (const options of [
  {},
  { force: false },
  { force: false, errorOnExist: true },
  { errorOnExist: true },
  { dereference: true },
  { verbatimSymlinks: true },
  { preserveTimestamps: true },
  { filter: (from) => !from.endsWith('d2') },
  {
    filter: () => {
      throw new RangeError('no');
    },
  },
]) {
  const label = JSON.stringify(options, (_, value) => (typeof value === 'function' ? 'function' : value));
  add(`cpSync of a wide tree ${label}`, (fs, dir) => {
    plantWide(fs, dir);
    fs.cpSync(`${dir}/wide`, `${dir}/copy/of/wide`, { recursive: true, ...options });
  });
  add(`cpSync of a wide tree onto another ${label}`, (fs, dir) => {
    plantWide(fs, dir);
    fs.mkdirSync(`${dir}/other/d5`, { recursive: true });
    fs.writeFileSync(`${dir}/other/d5/f.js`, 'other');
    fs.writeFileSync(`${dir}/other/d5/g.js`, 'other');
    fs.cpSync(`${dir}/wide`, `${dir}/other`, { recursive: true, ...options });
  });
  add(`cpSync of a file onto a directory in a tree ${label}`, (fs, dir) => {
    plantWide(fs, dir);
    fs.mkdirSync(`${dir}/other/d5/f.js`, { recursive: true });
    fs.cpSync(`${dir}/wide`, `${dir}/other`, { recursive: true, ...options });
  });
}
for (const preserveTimestamps of [true, false]) {
  add(`cpSync of directories with times, preserveTimestamps: ${preserveTimestamps}`, (fs, dir) => {
    plantWide(fs, dir);
    for (const name of ['wide/d3', 'wide']) fs.utimesSync(`${dir}/${name}`, 1, 1);
    fs.cpSync(`${dir}/wide`, `${dir}/copy`, { recursive: true, preserveTimestamps });
    return ['copy', 'copy/d3'].map((name) => fs.statSync(`${dir}/${name}`).mtimeMs === 1000);
  });
}
add('cpSync of a wide tree into itself', (fs, dir) => {
  plantWide(fs, dir);
  fs.cpSync(`${dir}/wide`, `${dir}/wide/d7/copy`, { recursive: true });
});
add('rmSync of a wide tree', (fs, dir) => {
  plantWide(fs, dir);
  return fs.rmSync(`${dir}/wide`, { recursive: true });
});
add('rmdirSync recursive of a wide tree', (fs, dir) => {
  plantWide(fs, dir);
  return fs.rmdirSync(`${dir}/wide`, { recursive: true });
});
add('rmSync of a link to a directory', (fs, dir) => {
  fs.symlinkSync('tree', `${dir}/to-tree`);
  return fs.rmSync(`${dir}/to-tree`, { recursive: true });
});
for (const tail of ['', '/', '/../again', '/small-or-not']) {
  add(`mkdirSync of a deep path${tail}`, (fs, dir) =>
    fs.mkdirSync(`${dir}/${'deep/'.repeat(50)}end${tail}`, { recursive: true }),
  );
  add(`mkdirSync of a deep path that is there${tail}`, (fs, dir) => {
    fs.mkdirSync(`${dir}/${'deep/'.repeat(50)}end`, { recursive: true });
    return fs.mkdirSync(`${dir}/${'deep/'.repeat(50)}end${tail}`, { recursive: true });
  });
}
add('mkdirSync of a deep path below a file', (fs, dir) =>
  fs.mkdirSync(`${dir}/small/${'deep/'.repeat(50)}end`, { recursive: true }),
);
add('mkdtempDisposableSync', (fs, dir) => {
  const made = fs.mkdtempDisposableSync(`${dir}/temporary-`);
  fs.writeFileSync(`${made.path}/file`, 'x');
  made.remove();
  return [Object.keys(made), fs.existsSync(made.path)];
});
add('openAsBlobSync', (fs, dir) => [
  fs.openAsBlobSync(`${dir}/small`).size,
  fs.openAsBlobSync(`${dir}/small`, 5),
]);
add('lchmodSync', (fs, dir) => fs.lchmodSync(`${dir}/link`, 0o600));
