// Objects of this thread that the other one holds, and objects of the other one that this thread holds. Each side counts how
// often a reference was sent: one that is dropped there may be under way again. Imported by both threads: free of the runtime.
import { each, push } from '../base/primordials.js';

interface Exported {
  readonly value: object;
  count: number;
}

/** Objects of this thread that the other one holds. */
export class Exports {
  readonly #byId = new Map<number, Exported>();
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  /** How many objects are held. */
  get size(): number {
    return this.#byId.size;
  }

  /** The id by which `value` is sent now; `isNew` if the other thread does not hold it. */
  send(value: object): { id: number; isNew: boolean } {
    const known = this.#ids.get(value);
    const found = known === undefined ? undefined : this.#byId.get(known);
    if (known !== undefined && found !== undefined) {
      found.count++;
      return { id: known, isNew: false };
    }
    const id = ++this.#lastId;
    this.#ids.set(value, id);
    this.#byId.set(id, { value, count: 1 });
    return { id, isNew: true };
  }

  /** @throws TypeError for an id that is not held */
  get(id: number): object {
    const found = this.#byId.get(id);
    if (found === undefined) throw new TypeError(`object ${id} was let go of by the thread that asks for it`);
    return found.value;
  }

  release(ids: readonly number[], counts: readonly number[]): void {
    for (let i = 0; i < ids.length; i++) {
      const found = this.#byId.get(ids[i] as number);
      if (found === undefined) continue;
      found.count -= counts[i] as number;
      if (found.count <= 0) this.#byId.delete(ids[i] as number);
    }
  }
}

interface Imported {
  readonly held: WeakRef<object>;
  count: number;
}

/** Objects of the other thread that this one holds: each as long as the program holds its proxy. */
export class Imports {
  readonly #byId = new Map<number, Imported>();
  readonly #registry: FinalizationRegistry<number>;
  readonly #dropped: { ids: number[]; counts: number[] } = { ids: [], counts: [] };

  /** @param onDrop - called when something was dropped; {@link takeDropped} gives what */
  constructor(onDrop: () => void) {
    this.#registry = new FinalizationRegistry((id) => {
      const found = this.#byId.get(id);
      // It may have come again meanwhile, and have another object that stands for it.
      if (found === undefined || found.held.deref() !== undefined) return;
      this.#byId.delete(id);
      push(this.#dropped.ids, id);
      push(this.#dropped.counts, found.count);
      onDrop();
    });
  }

  /** The object that stands for `id`, made where there is none; counts one more sending. */
  receive<T extends object>(id: number, make: () => T): T {
    const found = this.#byId.get(id);
    const held = found?.held.deref() as T | undefined;
    if (found !== undefined && held !== undefined) {
      found.count++;
      return held;
    }
    const made = make();
    this.#byId.set(id, { held: new WeakRef(made), count: (found?.count ?? 0) + 1 });
    this.#registry.register(made, id);
    return made;
  }

  /** As {@link receive}, for an object that stands for `id` from now on. */
  replace(id: number, made: object): void {
    this.#byId.set(id, { held: new WeakRef(made), count: (this.#byId.get(id)?.count ?? 0) + 1 });
    this.#registry.register(made, id);
  }

  /** How many objects are held. */
  get size(): number {
    return this.#byId.size;
  }

  /** Gives the proxy of `id`, if it is held. */
  held(id: number): object | undefined {
    return this.#byId.get(id)?.held.deref();
  }

  /** Gives the objects that were dropped since the last call. */
  takeDropped(): { ids: number[]; counts: number[] } | undefined {
    const { ids, counts } = this.#dropped;
    if (ids.length === 0) return undefined;
    const taken = { ids: [...each(ids)], counts: [...each(counts)] };
    ids.length = 0;
    counts.length = 0;
    return taken;
  }
}
