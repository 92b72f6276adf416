// What a compiled core wants of others: its undefined symbols, of an ELF or a Mach-O file of 64 bits. No tool reads all of
// them on every system.
import { readFileSync } from 'node:fs';

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
  const symbols = all.find(({ type }) => type === 11); // SHT_DYNSYM
  const names = all[symbols.link].offset;
  const found = [];
  for (let at = symbols.offset + 24; at < symbols.offset + symbols.bytes; at += 24)
    if (bytes.readUInt16LE(at + 6) === 0) found.push(text(bytes, names + bytes.readUInt32LE(at)));
  return found;
}

function ofMachO(bytes) {
  let at = 32;
  for (let left = bytes.readUInt32LE(16); left > 0; left--, at += bytes.readUInt32LE(at + 4)) {
    if (bytes.readUInt32LE(at) !== 2) continue; // LC_SYMTAB
    const [symbols, count, names] = [8, 12, 16].map((offset) => bytes.readUInt32LE(at + offset));
    return Array.from({ length: count }, (_, i) => symbols + 16 * i)
      .filter((symbol) => (bytes[symbol + 4] & 0x0e) === 0 && (bytes[symbol + 4] & 1) === 1)
      .map((symbol) => text(bytes, names + bytes.readUInt32LE(symbol)).replace(/^_/, ''));
  }
  return [];
}

/** The names of a file's undefined symbols, mangled, without the underscore that macOS puts in front. */
export function undefinedSymbols(file) {
  const bytes = readFileSync(file);
  if (bytes.readUInt32BE(0) === 0x7f454c46) return ofElf(bytes);
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return ofMachO(bytes);
  throw new TypeError(`${file} is neither an ELF nor a Mach-O file of 64 bits`);
}

/** V8, Node, Node-API and libuv, which the process that loads a core has. */
const OF_NODE = /^(_ZT?[A-Z]*N?K?2v8|_ZNK?2v8|_ZNK?4node|_ZN2v8|napi_|node_|uv_)/;

/**
 * Tells which of a core's undefined symbols are of V8's interface and have a type of the C++ library in it: a core that was
 * compiled with another library than Node does not find them.
 */
export const withLibraryTypes = (symbols) =>
  symbols.filter(
    (name) => OF_NODE.test(name) && /St3__1|St7__cxx11|St10shared_ptr|GetBackingStore/.test(name),
  );

/** Symbols that nothing has: C++ names that are neither of V8 nor of Node nor of the C++ library. */
export const unknownSymbols = (symbols) =>
  symbols.filter(
    (name) => /^_Z/.test(name) && !OF_NODE.test(name) && !/^_Z(N?K?S|T[ISV]|d|n|\w*St)/.test(name),
  );
