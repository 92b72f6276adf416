// The section `aevent` of Node's reports; loaded when a report is made.
import { info } from '../tasks/info.js';
import { metrics } from './metrics.js';
import { tasks } from './tree.js';

/** The section, as data. */
export function section(): object {
  return { info: info(), metrics: metrics().toJSON(), tasks: tasks() };
}
