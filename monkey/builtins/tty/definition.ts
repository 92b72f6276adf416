// The replaced `tty`.
import { builtin } from '../../../runtime/base/builtins.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { taskClass } from '../../kit/replace-class.js';

type Tty = typeof import('node:tty');

const real = builtin<Tty>('tty');

/** `tty`: listeners run in tasks. */
export const definition: MonkeyModule<Tty> = defineModule<Tty>('tty', {
  implemented: {
    ReadStream: taskClass(real.ReadStream, listenersInTasks(real.ReadStream.prototype)),
    WriteStream: taskClass(real.WriteStream, listenersInTasks(real.WriteStream.prototype)),
  },
});
