// Who has the connection of a database for itself: the task that has begun a transaction, or iterates over rows. Connections are told
// by what better-sqlite3 and node:sqlite call their properties.

interface Connection {
  readonly inTransaction?: boolean;
  readonly isTransaction?: boolean;
  readonly isOpen?: boolean;
}

/** The connections of a thread. */
export class HeldConnections {
  /** Connections that tell whether they are in a transaction. */
  readonly #connections = new Set<WeakRef<Connection>>();
  /** Iterators over rows of a connection that can do nothing else meanwhile, by whose they are. */
  readonly #iterators = new Map<object, number>();

  /** Notes a connection, if `value` is one. */
  note(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (typeof (value as Connection).inTransaction !== 'boolean' && !('isTransaction' in value)) return;
    for (const held of this.#connections) if (held.deref() === value) return;
    this.#connections.add(new WeakRef(value as Connection));
  }

  /** Notes that `owner` goes over rows: better-sqlite3 refuses everything else that a connection is asked meanwhile. */
  noteIterator(statement: object, value: unknown, owner: number): void {
    const isRows = typeof value === 'object' && value !== null && 'pluck' in statement;
    if (isRows) this.#iterators.set(value, owner);
  }

  /** An iterator has come to its end. */
  iteratorEnded(iterator: object): void {
    this.#iterators.delete(iterator);
  }

  /** An owner has gone, and leaves its iterators. */
  ownerEnded(owner: number): void {
    this.#iterators.forEach((of, iterator) => {
      if (of === owner) this.#iterators.delete(iterator);
    });
  }

  /** Whether any connection is in a transaction, or gone over. */
  get areHeld(): boolean {
    if (this.#iterators.size > 0) return true;
    for (const held of this.#connections) {
      const connection = held.deref();
      if (connection === undefined) this.#connections.delete(held);
      else if (isInTransaction(connection)) return true;
    }
    return false;
  }
}

function isInTransaction(connection: Connection): boolean {
  try {
    return (
      connection.inTransaction === true || (connection.isOpen === true && connection.isTransaction === true)
    );
  } catch {
    return false; // closed
  }
}
