// Which tasks have helped those that wait at a queue: if all of them are stuck, so is a task that waits for them.
import { includes, push, splice } from '../../base/primordials.js';
import { type Subject, type Told, tellWait } from '../../suspension/subject.js';
import { currentOwner, type Owner } from '../threading/owner.js';

/** Where more than so many have helped, it is not known which one will. */
const MOST = 8;

/** The tasks and callbacks that have done one thing to a queue. */
export class Helpers implements Subject {
  readonly #owners: Owner[] = [];
  readonly #text: () => string;
  #tooMany = false;

  /** @param text - what a wait for them waits for */
  constructor(text: () => string) {
    this.#text = text;
  }

  /** Notes that the running code has helped. */
  note(): void {
    if (this.#tooMany) return;
    const owner = currentOwner();
    if (includes(this.#owners, owner)) return;
    push(this.#owners, owner);
    if (this.#owners.length <= MOST) return;
    this.#tooMany = true;
    splice(this.#owners, 0);
  }

  /** @internal */
  [tellWait](): Told {
    return { text: this.#text(), needs: { any: this.#owners } };
  }
}
