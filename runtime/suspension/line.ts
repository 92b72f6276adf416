// The pieces (pieces.ts) that nothing comes between in plain Node, as one. Work of Node's that waits for them waits for the listeners, too,
// of the events that wait for them: these have lines of their own, which are the heirs of this one.
import { slice } from '../base/primordials.js';
import type { Things } from './left-behind.js';

/** With so many, those that are over are dropped; again when there are twice as many as were left. */
const FEW = 8;

let isBusy: (piece: object) => boolean = () => false;

/** @param busy - true for a suspended piece, and for one that something waits for */
export function askLinesBy(busy: typeof isBusy): void {
  isBusy = busy;
}

/** A piece, and those that follow it before anything else happens: the microtasks and ticks that it, and they, leave behind. */
export class Line {
  /** How many of them are suspended where plain Node blocks. */
  blocked = 0;
  /** Those that may be busy. */
  readonly #pieces: Set<object> = new Set();
  #mostPieces = FEW;
  /** The lines of the listeners that were suspended in an event which had waited for one of these. */
  #heirs: Set<Line> = new Set();
  #mostHeirs = FEW;

  /** To be called at each suspension of one that the keeper knows. */
  add(piece: object): void {
    this.#pieces.add(piece);
    if (this.#pieces.size <= this.#mostPieces) return;
    for (const one of this.#pieces) if (!isBusy(one)) this.#pieces.delete(one);
    this.#mostPieces = 2 * Math.max(FEW, this.#pieces.size);
  }

  /** Has it not be over before `heir` is. */
  leaveTo(heir: Line): void {
    if (heir === this) return;
    this.#heirs.add(heir);
    if (this.#heirs.size <= this.#mostHeirs) return;
    for (const one of this.#heirs) if (one.isOver) this.#heirs.delete(one);
    this.#mostHeirs = 2 * Math.max(FEW, this.#heirs.size);
  }

  /** True when none of them is, and nothing waits for one any more. */
  get isOver(): boolean {
    // Not by recursion: each event that has waited can have an heir whose events wait in turn, so a burst is a chain as long as itself.
    const lines = new Set<Line>([this]);
    let looked = 0;
    for (const line of lines) {
      if (line.#isBusy) {
        if (looked > 0) this.#heirs = new Set(slice([...lines], looked));
        return false;
      }
      looked++;
      for (const heir of line.#heirs) lines.add(heir);
    }
    this.#heirs.clear();
    return true;
  }

  get #isBusy(): boolean {
    if (this.blocked > 0) return true;
    for (const piece of this.#pieces) {
      if (isBusy(piece)) return true;
      this.#pieces.delete(piece);
    }
    return false;
  }
}

/** The line among what a piece inherits. */
export function lineIn(inherited: Things | undefined): Line | undefined {
  let found: Line | undefined;
  inherited?.forEach((how, thing) => {
    if (how === 'line') found = thing as Line;
  });
  return found;
}
