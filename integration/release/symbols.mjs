// Reads what a compiled core wants of others: its undefined symbols, of ELF and Mach-O files of 64 bits; and whether Node and the
// system have them. No tool reads all of them on every system.
import { readFileSync } from 'node:fs';

const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const LC_SYMTAB = 2;

const text = (bytes, at) => bytes.toString('latin1', at, bytes.indexOf(0, at));

function ofElf(bytes) {
  const sections = Number(bytes.readBigUInt64LE(0x28));
  const size = bytes.readUInt16LE(0x3a);
  const section = (i) => {
    const at = sections + i * size;
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 0x18)),
      bytes: Number(bytes.readBigUInt64LE(at + 0x20)),
      link: bytes.readUInt32LE(at + 0x28),
    };
  };
  const all = Array.from({ length: bytes.readUInt16LE(0x3c) }, (_, i) => section(i));
  const symbols = all.find(({ type }) => type === SHT_DYNSYM) ?? all.find(({ type }) => type === SHT_SYMTAB);
  const names = all[symbols.link].offset;
  const found = { wanted: [], had: [] };
  for (let at = symbols.offset + 24; at < symbols.offset + symbols.bytes; at += 24) {
    const isGlobal = bytes[at + 4] >> 4 !== 0;
    const list = bytes.readUInt16LE(at + 6) === 0 ? found.wanted : found.had;
    if (isGlobal) list.push(text(bytes, names + bytes.readUInt32LE(at)));
  }
  return found;
}

function ofMachO(bytes) {
  const found = { wanted: [], had: [] };
  let at = 32;
  for (let left = bytes.readUInt32LE(16); left > 0; left--, at += bytes.readUInt32LE(at + 4)) {
    if (bytes.readUInt32LE(at) !== LC_SYMTAB) continue;
    const [symbols, count, names] = [8, 12, 16].map((offset) => bytes.readUInt32LE(at + offset));
    for (let symbol = symbols; symbol < symbols + 16 * count; symbol += 16) {
      const kind = bytes[symbol + 4];
      if ((kind & 1) === 0 || (kind & 0xe0) !== 0) continue; // local, or for a debugger
      const list = (kind & 0x0e) === 0 ? found.wanted : found.had;
      list.push(text(bytes, names + bytes.readUInt32LE(symbol)).replace(/^_/, ''));
    }
  }
  return found;
}

/** The names of the symbols that a file wants of others, and of those that it has; without the underscore of macOS. */
export function symbolsOf(file) {
  const bytes = readFileSync(file);
  if (bytes.readUInt32BE(0) === 0x7f454c46) return ofElf(bytes);
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return ofMachO(bytes);
  throw new TypeError(`${file} is neither an ELF nor a Mach-O file of 64 bits`);
}

/** The same of object files together. */
export function symbolsOfObjects(files) {
  const all = files.map(symbolsOf);
  const had = new Set(all.flatMap((one) => one.had));
  const wanted = new Set(all.flatMap((one) => one.wanted));
  return { wanted: [...wanted].filter((name) => !had.has(name)), had: [...had] };
}

/** V8, Node, Node-API and libuv, which the process that loads a core has. */
const OF_NODE = /^(_ZT?[A-Z]*N?K?2v8|_ZNK?2v8|_ZNK?4node|_ZN2v8|napi_|node_|uv_)/;
/** Types of the C++ library in V8's interface: a core that was compiled with another library than Node does not find them. */
const LIBRARY_TYPES = /St3__1|St7__cxx11|St10shared_ptr|GetBackingStore/;
/** Of V8's interface with such types, and looked for when they are called: found where Node has the same library. */
const LOOKED_FOR = /^_ZN2v8(7Message22PrintCurrentStackTrace|11CpuProfiler13CollectSample)/;
/** The C++ library, and what compilers call. */
const OF_CPP =
  /^(_Z(N?K?S|T[ISV]|d[al]|n[aw]|\w*St)|__cxa_|__gxx_personality|_Unwind_|__stack_chk|__dso_handle|__tls_get_addr|_GLOBAL_OFFSET|_DYNAMIC|__gmon_start__|_ITM_|__aarch64_|_tlv_|dyld_stub)/;
/** C functions that the core calls, by the systems that have them. A new one is to be looked up, and added. */
const OF_C = {
  both: (
    'abort access ceilf close dlopen dlsym fcntl free getpid madvise malloc memcmp memcpy memmove memset mmap mprotect munmap open poll pthread_atfork pthread_attr_destroy ' +
    'pthread_attr_getstack pthread_mutex_lock pthread_mutex_unlock pthread_self pthread_sigmask read sigaction sigfillset snprintf ' +
    'strcmp strerror strlen strncmp strstr strtoull sysconf write'
  ).split(' '),
  linux:
    '__errno_location __getauxval __register_atfork dl_iterate_phdr fcntl64 malloc_trim malloc_usable_size mmap64 open64 process_vm_readv pthread_getattr_np syscall'.split(
      ' ',
    ),
  macos: '__error bzero malloc_size'.split(' '),
};

/**
 * What is wrong with the symbols that a core wants.
 * @param system - `linux` or `macos`
 * @param node - the symbols of a Node for Linux of that version, whose names those of other processors have, too
 */
export function faultsOf(wanted, { system, node }) {
  const isOfC = new Set([...OF_C.both, ...OF_C[system]]);
  const has = new Set(node.had);
  return wanted.flatMap((name) => {
    if (LOOKED_FOR.test(name)) return [];
    if (OF_NODE.test(name)) {
      if (LIBRARY_TYPES.test(name)) return [`has a type of the C++ library in it: ${name}`];
      // Integers of 64 bits have another name there.
      return has.has(name) || system === 'macos' ? [] : [`Node does not have ${name}`];
    }
    return OF_CPP.test(name) || isOfC.has(name) ? [] : [`not known to be of the system: ${name}`];
  });
}
