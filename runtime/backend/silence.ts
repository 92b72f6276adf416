/**
 * Tells, once a process, that synchronous calls block although the program has tasks: nothing is replaced, or what it holds is
 * Node's own, or no backend works. A program that asks for the backend `native` knows.
 */
import { builtin } from '../base/builtins.js';
import { isHooksThread, isWorker, workerThreads } from '../base/threads.js';
import { replacementState } from './setup-listeners.js';

const process = builtin<typeof import('node:process')>('process');

const { emitWarning } = process;

const HOW =
  'Start the program with `node --import aevent/register` (or `npx aevent`), or import what blocks after aevent.setup(), by ' +
  'await import().';

/**
 * Warns if calls of tasks are going to block. To be called once, with the first task.
 * @param noBackend - why no stack can be switched; empty if one can
 */
export function warnOfSilence(noBackend: string): void {
  if (process.env.AEVENT_WARN === '0' || isHooksThread()) return;
  const [code, message] = whatIsSilent(noBackend);
  if (code === '' || wasTold(code)) return;
  const detail = 'aevent.info() tells more. AEVENT_WARN=0 turns this warning off.';
  Reflect.apply(emitWarning, process, [message, { type: 'AeventWarning', code, detail }]);
}

/** Tells whether the thread that has started this one has warned of the same. Threads that this one starts are told that by now. */
function wasTold(code: string): boolean {
  const { getEnvironmentData, setEnvironmentData } = workerThreads();
  const told = getEnvironmentData('aevent.warned');
  setEnvironmentData('aevent.warned', code);
  return told === code && isWorker();
}

function whatIsSilent(noBackend: string): [code: string, message: string] {
  if (noBackend !== '') {
    return [
      'AEVENT_BLOCKS',
      `aevent can suspend nothing in this process, so every call blocks: ${noBackend}.`,
    ];
  }
  // The loader has said why it replaces nothing.
  if (!process.features.require_module) return ['', ''];
  // Where only the runtime was loaded, nothing was to be replaced.
  const state = replacementState();
  if (state?.installed === false) {
    return [
      'AEVENT_NOTHING_REPLACED',
      `aevent replaces nothing in this process, so execSync and the like block. ${HOW}`,
    ];
  }
  if (state !== undefined && state.importedEarlier.length > 0) {
    const names = state.importedEarlier.join(', ');
    return [
      'AEVENT_IMPORTED_EARLIER',
      `The program had imported ${names} before aevent was in place, so what it calls of ${
        state.importedEarlier.length > 1 ? 'these blocks' : 'it blocks'
      }. ${HOW}`,
    ];
  }
  return ['', ''];
}
