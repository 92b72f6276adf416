// What a program gets that wants the packages themselves, which are not installed here.
import { createRequire } from 'node:module';
import aevent from 'aevent';

aevent.setup({ exclude: ['fibers'] });
const require = createRequire(import.meta.url);
const code = async (load) => {
  try {
    await load();
    return 'loaded';
  } catch (error) {
    return error.code;
  }
};
console.log(
  JSON.stringify([
    await code(() => import('fibers')),
    await code(() => require('fibers/future')),
    await code(() => require('deasync')),
  ]),
);
