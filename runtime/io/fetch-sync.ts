// fetch() that waits, and responses whose bodies can be waited for.

import { requirePortal } from '../suspension/portal.js';
import { suspend } from '../suspension/suspension.js';
import { abortableFetch } from './fetch-abort.js';

/** `Uint8Array<ArrayBuffer>`, in the words of TypeScript 5.6, too, where the class is not generic. */
type Bytes = ReturnType<typeof Uint8Array.of>;

/** The methods added to every Response, once {@link fetchSync} was called, and to every `http.IncomingMessage`. */
export interface SyncBody {
  /**
   * As `text()`; suspends until the whole body has come. Cancelled, it aborts the request.
   * @throws what the body fails with; TypeError if it was read already; {@link NoPortalError} where nothing can be suspended
   */
  textSync(): string;
  /** As `json()`; suspends. @throws SyntaxError if the body is no JSON */
  jsonSync(): unknown;
  /** The body's bytes; suspends. */
  bytesSync(): Bytes;
  /** As `arrayBuffer()`; suspends. */
  arrayBufferSync(): ArrayBuffer;
  /** As `blob()`; suspends. */
  blobSync(): Blob;
  /** As `formData()`; suspends. */
  formDataSync(): FormData;
}

declare global {
  interface Response extends SyncBody {}
}

/** By each response, the controller that aborts its request. */
const aborts = new WeakMap<Response, () => void>();
let prepared = false;

/**
 * Fetches, as `fetch()` with the same arguments; suspends until the head of the response has come. Its body is then read by
 * `textSync()`, `jsonSync()`, `bytesSync()` and the like, or by the asynchronous methods. Cancelled, it aborts the request.
 * @throws Node's errors of `fetch()`: TypeError `fetch failed` with a `cause`; the signal's reason
 * @throws {@link NoPortalError} where nothing can be suspended; nothing was sent then
 * @see WHATWG Fetch
 */
export function fetchSync(...[input, init]: Parameters<typeof fetch>): Response {
  requirePortal('fetchSync()');
  prepare();
  let abort: () => void = () => {};
  const response = suspend<Response>('fetchSync()', (wait) => {
    const begun = abortableFetch(input, init);
    begun.response.then(wait.resolve, wait.reject);
    abort = begun.abort;
    return abort;
  });
  aborts.set(response, abort);
  return response;
}

// Node makes the global Response when it is first asked for, which takes tens of milliseconds: not at start-up.
function prepare(): void {
  if (prepared) return;
  prepared = true;
  const { prototype } = Response;
  const readers: Record<keyof SyncBody, (response: Response) => Promise<unknown>> = {
    textSync: (response) => prototype.text.call(response),
    jsonSync: (response) => prototype.json.call(response),
    bytesSync: async (response) => new Uint8Array(await prototype.arrayBuffer.call(response)),
    arrayBufferSync: (response) => prototype.arrayBuffer.call(response),
    blobSync: (response) => prototype.blob.call(response),
    formDataSync: (response) => prototype.formData.call(response),
  };
  for (const [name, read] of Object.entries(readers)) {
    const value = function (this: Response): unknown {
      return suspend<unknown>(`response.${name}()`, (wait) => {
        read(this).then(wait.resolve, wait.reject);
        return () => aborts.get(this)?.();
      });
    };
    Object.defineProperty(value, 'name', { value: name });
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}
