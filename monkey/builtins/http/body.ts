// Reading the whole body of a request or response, under the names that a Response of fetchSync() has.
import type { IncomingMessage } from 'node:http';
import { builtin } from '../../../runtime/base/builtins.js';
import { invalidArgument } from '../../../runtime/base/errors.js';
import { whenSettled } from '../../../runtime/base/primordials.js';
import type { SyncBody } from '../../../runtime/io/fetch-sync.js';
import { suspend } from '../../../runtime/suspension/suspension.js';

const { buffer, json, text } = builtin<typeof import('node:stream/consumers')>('stream/consumers');

const bytes = async (message: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await buffer(message));

// Made by Response, which knows how to read a form; Node makes that class when it is first asked for.
const responseOf = async (message: IncomingMessage): Promise<Pick<Response, 'blob' | 'formData'>> =>
  new Response(await bytes(message), { headers: { 'content-type': message.headers['content-type'] ?? '' } });

/** Suspends until `read` has the body. Cancelled, it destroys the message, for the rest would be lost. */
function reader<T>(
  name: keyof SyncBody,
  read: (message: IncomingMessage) => Promise<T>,
): (this: IncomingMessage) => T {
  const what = `message.${name}()`;
  return function (this: IncomingMessage): T {
    if (this.readableEnded) {
      throw invalidArgument(
        'AEVENT_BODY_READ',
        `${what}: the body has been read already. Keep what it gave.`,
      );
    }
    return suspend<T>(what, (wait) => {
      whenSettled(read(this), wait.resolve, wait.reject);
      return () => this.destroy();
    });
  };
}

/** The methods of every `http.IncomingMessage`. */
export const bodyReaders: Record<keyof SyncBody, (this: IncomingMessage) => unknown> = {
  textSync: reader('textSync', text),
  jsonSync: reader('jsonSync', json),
  bytesSync: reader('bytesSync', bytes),
  arrayBufferSync: reader('arrayBufferSync', async (message) => (await bytes(message)).buffer),
  blobSync: reader('blobSync', async (message) => (await responseOf(message)).blob()),
  formDataSync: reader('formDataSync', async (message) => (await responseOf(message)).formData()),
};
