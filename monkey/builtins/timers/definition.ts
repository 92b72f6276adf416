// The replaced `timers`.
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { setImmediate, setInterval, setTimeout } from './functions.js';
import { sleepSync } from './sleep-sync.js';

/** `timers`: callbacks run in tasks; `sleepSync` is added. */
export const definition: MonkeyModule<typeof import('node:timers')> = defineModule('timers', {
  implemented: { setImmediate, setInterval, setTimeout },
  added: { sleepSync },
});
