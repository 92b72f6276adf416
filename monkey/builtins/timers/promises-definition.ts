// The replaced `timers/promises`.
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';

/** `timers/promises`: all Node's own; what is awaited needs no help. */
export const definition: MonkeyModule<typeof import('node:timers/promises')> = defineModule(
  'timers/promises',
  {},
);
