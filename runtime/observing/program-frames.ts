// The frames of a parked stack that are the program's, where they are in its sources.
import { builtin } from '../base/builtins.js';
import { shown } from '../base/describe.js';
import { each, push } from '../base/primordials.js';
import { isInside } from '../base/stacks.js';

const { fileURLToPath } = builtin<typeof import('node:url')>('url');
const { findSourceMap } = builtin<typeof import('node:module')>('module');

const MOST_FRAMES = 30;
/** Of a function that has no name it is only the place. */
const PLACE = /^(?:(?<name>.*) \()?(?<file>.*):(?<line>\d+):(?<column>\d+)\)?$/;

/** Makes the frames of many stacks, most of which have most of them in common. */
export class ProgramFrames {
  readonly #known = new Map<string, string | undefined>();

  /** The frames of a stack in V8's form: the innermost first, e.g. `main (file:///app.mjs:3:5)`. */
  of(stack: string): string[] {
    const frames: string[] = [];
    // Names of functions may have line ends.
    for (const text of each(`\n${stack}`.split('\n    at '))) {
      const frame = text.trim();
      if (frame === '') continue;
      if (!this.#known.has(frame)) this.#known.set(frame, programsFrame(frame));
      const known = this.#known.get(frame);
      if (known !== undefined && frames.length < MOST_FRAMES) push(frames, known);
    }
    return frames;
  }
}

function programsFrame(frame: string): string | undefined {
  if (isInside(frame) || frame.endsWith('(<anonymous>)') || frame.includes('<anonymous>:')) return undefined;
  return shown(inSource(frame), 500);
}

// Node knows source maps where it was started with --enable-source-maps.
function inSource(frame: string): string {
  const { name, file, line, column } = PLACE.exec(frame)?.groups ?? {};
  if (file === undefined) return frame;
  try {
    const map =
      findSourceMap(file) ?? (file.startsWith('file:') ? findSourceMap(fileURLToPath(file)) : undefined);
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry) || !entry.originalSource) return frame;
    const place = `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    return name === undefined ? place : `${name} (${place})`;
  } catch {
    return frame; // a map that cannot be read
  }
}
