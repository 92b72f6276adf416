// The replaced `dgram`.
import { builtin } from '../../../runtime/base/builtins.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { taskClass } from '../../kit/replace-class.js';
import { syncMethods } from './sync-methods.js';

type Dgram = typeof import('node:dgram');

const real = builtin<Dgram>('dgram');

const Socket = taskClass(real.Socket, {
  ...listenersInTasks(real.Socket.prototype),
  ...syncMethods,
});

/** `dgram`: listeners run in tasks; binding, connecting, sending and receiving have a form that waits. */
export const definition: MonkeyModule<Dgram> = defineModule<Dgram>('dgram', {
  implemented: { Socket, createSocket: starting(real.createSocket) },
});
