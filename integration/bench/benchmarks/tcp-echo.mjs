// A TCP echo server.
import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** An echo server with readSync and writeSync in tasks, with events, and with async iterators; 100 connections. */
export async function measure(lab) {
  const tasks = {
    what: 'readSync and writeSync in tasks',
    start: () => lab.serve('echo-server.mjs', { flags: ['--import', 'aevent/register'] }),
  };
  const events = { what: 'events', start: () => lab.serve('echo-server-events.mjs') };
  const iterators = { what: 'async iterators', start: () => lab.serve('echo-server-iterators.mjs') };
  const options = { load: 'echo-load.mjs', unit: 'messages/s' };
  const beside = await compare([tasks, events], options);
  const ahead = await compare([tasks, iterators], options);
  return {
    measured: [...beside.measured, ahead.measured[1]],
    criteria: [
      atLeast('TCP echo by `readSync` and `writeSync`, against events', 100 * beside.ratio, 85, '%'),
      atLeast('the same against async iterators', 100 * ahead.ratio, 100, '%'),
    ],
  };
}
