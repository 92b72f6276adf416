import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** An echo server with readSync and writeSync in tasks, with events, and with async iterators; 100 connections. */
export async function measure(lab) {
  const tasks = () => lab.serve('echo-server.mjs', { flags: ['--import', 'aevent/register'] });
  const events = () => lab.serve('echo-server-events.mjs');
  const iterators = () => lab.serve('echo-server-iterators.mjs');
  const options = { connections: 100, load: 'echo-load.mjs', unit: 'messages/s' };
  const beside = await compare([tasks, events], options);
  const ahead = await compare([tasks, iterators], options);
  return {
    measured: [
      { what: 'readSync and writeSync in tasks', ...beside.a },
      { what: 'events', ...beside.b },
      { what: 'async iterators', ...ahead.b },
    ],
    criteria: [
      atLeast('tcp echo in tasks against events', 100 * beside.ratio, 85, '%'),
      atLeast('tcp echo in tasks against async iterators', 100 * ahead.ratio, 100, '%'),
    ],
  };
}
