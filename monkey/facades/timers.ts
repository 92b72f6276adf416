import { load } from '../facade.js';

type Timers = typeof import('node:timers') &
  Pick<typeof import('../builtins/timers/sleep-sync.js'), 'sleepSync'>;

const timers: Timers = load<Timers>('timers').exports;

export * from 'node:timers';
export const setImmediate: Timers['setImmediate'] = timers.setImmediate;
export const setInterval: Timers['setInterval'] = timers.setInterval;
export const setTimeout: Timers['setTimeout'] = timers.setTimeout;
export const sleepSync: Timers['sleepSync'] = timers.sleepSync;
export default timers;
