// Which task has the connection of a database for itself: the one that has begun a transaction, or iterates over rows. Connections are told
// by what better-sqlite3 and node:sqlite call their properties.

interface Connection {
  readonly inTransaction?: boolean;
  readonly isTransaction?: boolean;
  readonly isOpen?: boolean;
}

interface Statement {
  readonly busy: boolean;
}

/** The connections of a thread. */
export class HeldConnections {
  /** Connections that tell whether they are in a transaction. */
  readonly #connections = new Set<WeakRef<Connection>>();
  /** Statements that were gone over row by row, by whose doing. */
  readonly #statements = new Map<Statement, number>();

  /** Notes a connection, if `value` is one. */
  note(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (typeof (value as Connection).inTransaction !== 'boolean' && !('isTransaction' in value)) return;
    for (const held of this.#connections) if (held.deref() === value) return;
    this.#connections.add(new WeakRef(value as Connection));
  }

  /** Notes that `owner` goes over rows: better-sqlite3 refuses nearly all else that a connection is asked meanwhile. */
  noteIteration(statement: object, owner: number): void {
    if ('busy' in statement) this.#statements.set(statement as Statement, owner);
  }

  /** An owner has gone, and leaves its iterators. */
  ownerEnded(owner: number): void {
    this.#statements.forEach((of, statement) => {
      if (of === owner) this.#statements.delete(statement);
    });
  }

  /** Whether any connection is in a transaction, or gone over. */
  get areHeld(): boolean {
    for (const statement of this.#statements.keys()) {
      if (statement.busy) return true;
      this.#statements.delete(statement);
    }
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
