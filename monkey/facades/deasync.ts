// The ES module that stands for `deasync`.
import type { Deasync } from '../drop-ins/deasync/deasync.js';
import { loadDropIn } from '../facade.js';

const deasync: Deasync = loadDropIn<Deasync>('deasync');

export const sleep: Deasync['sleep'] = deasync.sleep;
export const loopWhile: Deasync['loopWhile'] = deasync.loopWhile;
export const runLoopOnce: Deasync['runLoopOnce'] = deasync.runLoopOnce;
export { deasync as 'module.exports' };
export default deasync;
