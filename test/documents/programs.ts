// Finds the programs in the repository's documents. A program is a fenced block of JavaScript or TypeScript that begins with
// the command that runs it, as in `// node --import aevent/register app.mjs`. A block that begins with a bare file name,
// `// config.cjs`, is a file of the programs below it in the same section. The `text` block that follows a program is its output.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = resolve(fileURLToPath(import.meta.url), '../../..');
/** Where the repository's own tools are. */
export const ownModules: string = join(root, 'node_modules');

/** A program of a document, with all that it takes to run it. */
export interface Program {
  /** The document and the line where the block begins. */
  readonly place: string;
  readonly command: string;
  /** File names and their contents; the program itself is one of them. */
  readonly files: Readonly<Record<string, string>>;
  /** What it prints; undefined where the document does not say. */
  readonly output: string | undefined;
  /** The first major version of Node that runs it. */
  readonly node: number;
  /** Packages from npm that it needs. */
  readonly packages: readonly string[];
  /** Whether this repository has those packages among its own tools. */
  readonly isSelfContained: boolean;
}

interface Block {
  readonly language: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly body: string;
  readonly line: number;
  /** Counts the headings above it. */
  readonly section: number;
}

const SCRIPTS = ['js', 'mjs', 'cjs', 'ts'];
const SKIPPED = ['node_modules', 'dist', '.git', '.cache'];

/** The paths of all documents. */
export function documents(dir: string = root): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.includes(entry.name)) return [];
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** All programs of all documents. */
export function programs(): Program[] {
  return documents().flatMap(programsOf);
}

function programsOf(path: string): Program[] {
  const found: Program[] = [];
  const blocks = blocksOf(readFileSync(path, 'utf8'));
  let files: Record<string, string> = {};
  for (const [index, block] of blocks.entries()) {
    if (block.section !== blocks[index - 1]?.section) files = {};
    if (!SCRIPTS.includes(block.language)) continue;
    const place = `${relative(root, path)}:${block.line}`;
    const command = /^(?:\/\/|#) *(.+)/.exec(block.body)?.[1]?.trim() ?? '';
    const name = /(?:^|\s)([\w.-]+\.(?:[cm]?[jt]s))(?:\s|$)/.exec(command)?.[1];
    if (name === undefined) throw new Error(`${place}: begins neither with a command nor with a file name`);
    files = { ...files, [name]: block.body };
    if (command === name) continue;
    const next = blocks[index + 1];
    const output = next?.language === 'text' && next.section === block.section ? next.body : undefined;
    const node = Number(block.attributes.node ?? 20);
    const packages = block.attributes.packages?.split(',') ?? [];
    const isSelfContained = packages.every((name) => existsSync(join(ownModules, name)));
    found.push({ place, command, files, output, node, packages, isSelfContained });
  }
  return found;
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let section = 0;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    if (/^#+ /.test(line)) section++;
    const opened = /^```(\w+)(.*)$/.exec(line);
    if (opened === null) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`a block that begins at line ${i + 1} does not end`);
    const attributes = Object.fromEntries(
      [...(opened[2] ?? '').matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    );
    const body = `${lines.slice(i + 1, end).join('\n')}\n`;
    blocks.push({ language: opened[1] as string, attributes, body, line: i + 1, section });
    i = end;
  }
  return blocks;
}

// A number before one of these is measured, so another one is as right.
const MEASURED = /\b\d+(?:\.\d+)? (ms|s|MB|KB|heartbeats)\b/g;
// Where programs run, and where stacks point to: the directory, lines and columns.
const PLACES = /(?:(?:file:\/\/)?\/[^\s:)]*\/)?([\w.-]+\.[cm]?[jt]s):\d+(?::\d+)?/g;

const comparable = (text: string): string =>
  text.trimEnd().replaceAll(MEASURED, 'N $1').replaceAll(PLACES, '$1');

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const linePattern = (line: string): string =>
  line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(literal).join('.*')}\n`;

/**
 * Whether a program printed what its document says. `…` in the document stands for anything within a line, and alone on a line
 * for any number of lines.
 */
export function printsAsDocumented(printed: string, documented: string): boolean {
  const pattern = comparable(documented).split('\n').map(linePattern).join('');
  return new RegExp(`^${pattern}$`).test(`${comparable(printed)}\n`);
}
