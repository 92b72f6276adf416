// Which module a program means by a specifier: as an import in the file that names it would.
import { builtin, ofProcess } from '../base/builtins.js';
import { quoted } from '../base/describe.js';
import { AeventError, invalidArgument } from '../base/errors.js';
import { endsWith, startsWith } from '../base/primordials.js';
import { callingFile } from '../base/stacks.js';

const { createRequire, isBuiltin } = builtin<typeof import('node:module')>('module');
const { fileURLToPath } = builtin<typeof import('node:url')>('url');
const { join } = builtin<typeof import('node:path')>('path');

/** A module as a thread is told of it. */
export interface Located {
  readonly specifier: string;
  /** The path of the file that names it. */
  readonly from: string;
}

/**
 * @param what - the call, for errors
 * @param from - the path or `file:` URL of the file that names it; by default the one that calls
 * @throws TypeError `AEVENT_INVALID_ARGUMENT`; {@link AeventError} `AEVENT_NO_MODULE` if there is none
 */
export function locate(what: string, given: string | URL, from: string | URL | undefined): Located {
  const specifier = given instanceof URL ? given.href : given;
  if (typeof specifier !== 'string' || specifier === '') {
    throw invalidArgument(
      'AEVENT_INVALID_ARGUMENT',
      `${what} takes a module's specifier, not ${quoted(given)}.`,
    );
  }
  const importer = from ?? callingFile() ?? join(ofProcess.cwd(), 'aevent.js');
  const path = pathOf(what, importer);
  if (isBuiltin(specifier)) return { specifier, from: path };
  try {
    createRequire(path).resolve(startsWith(specifier, 'file:') ? fileURLToPath(specifier) : specifier);
  } catch (error) {
    // That one can be imported only.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
      throw new AeventError(
        'AEVENT_NO_MODULE',
        `${what}: there is no module ${quoted(specifier)} as seen from ${path}. ` +
          (endsWith(what, '()')
            ? 'Install it, or say with { from: import.meta.url } which file names it.'
            : 'Install it, or take the name out.'),
        { cause: error },
      );
    }
  }
  return { specifier, from: path };
}

function pathOf(what: string, from: string | URL): string {
  const text = String(from);
  if (!startsWith(text, 'file:')) return text;
  try {
    return fileURLToPath(text);
  } catch (error) {
    throw Object.assign(
      invalidArgument(
        'AEVENT_INVALID_OPTIONS',
        `${what}: { from } takes a path or a file: URL, not ${quoted(text)}.`,
      ),
      { cause: error },
    );
  }
}
