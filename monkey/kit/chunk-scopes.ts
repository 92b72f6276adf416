// The async contexts of the code that has pushed chunks into a stream while that did not flow: in plain Node each chunk is emitted in its own.
import { asyncScopeHere, type Scope } from '../../runtime/base/async-scope.js';
import { push, shift } from '../../runtime/base/primordials.js';
import type { StreamState } from './stopped-streams.js';

const firstOf = ({ buffer, bufferIndex = 0 }: StreamState): unknown =>
  Array.isArray(buffer) ? buffer[bufferIndex] : buffer.head?.data;

const lastOf = ({ buffer }: StreamState): unknown =>
  Array.isArray(buffer) ? buffer[buffer.length - 1] : buffer.tail?.data;

/** Those of one stream. */
export class ChunkScopes {
  /** By an entry of the stream's buffer; a string may be there several times. */
  readonly #scopes = new Map<unknown, Scope[]>();
  readonly #state: StreamState;
  /** That of the code that has pushed the end. */
  end: Scope | undefined;

  constructor(state: StreamState) {
    this.#state = state;
  }

  /** Carries out a push of a chunk, and notes its context. */
  push<T>(isEnd: boolean, pushNow: () => T): T {
    const scope = asyncScopeHere('HeldEvent');
    const result = pushNow();
    if (isEnd) this.end = scope;
    else if (this.#state.length > 0) {
      const entry = lastOf(this.#state);
      const scopes = this.#scopes.get(entry) ?? [];
      push(scopes, scope);
      this.#scopes.set(entry, scopes);
    }
    return result;
  }

  /** Gives that of the chunk, or the end, that the stream emits next; undefined if it has come at another time. */
  next(): Scope | undefined {
    if (this.#state.length === 0) {
      this.#scopes.clear();
      return this.end;
    }
    const entry = firstOf(this.#state);
    const scopes = this.#scopes.get(entry);
    if (scopes === undefined) return undefined;
    const scope = shift(scopes);
    if (scopes.length === 0) this.#scopes.delete(entry);
    return scope;
  }
}
