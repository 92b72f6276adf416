// The replaced `domain`.
import { builtin } from '../../../runtime/base/builtins.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { taskClass } from '../../kit/replace-class.js';

type Domain = typeof import('node:domain');

const real = builtin<Domain>('domain');
const create = starting(real.create);

/** `domain`: listeners of a domain's run in tasks. */
export const definition: MonkeyModule<Domain> = defineModule<Domain>('domain', {
  implemented: {
    Domain: taskClass(real.Domain, listenersInTasks(real.Domain.prototype)),
    create,
    createDomain: create,
  },
  assigned: ['active', '_stack'],
});
