// fetchSync, or await fetch, to a server in another process: node fetch.mjs URL synchronously|asynchronously
import aevent from 'aevent';
import { interleave } from '../interleave.mjs';

const [url, way] = process.argv.slice(2);
const ways = {
  async asynchronously(times) {
    for (let i = 0; i < times; i++) await (await fetch(url)).text();
  },
  synchronously: (times) =>
    aevent.call(() => {
      for (let i = 0; i < times; i++) aevent.fetchSync(url).textSync();
    }),
};
await aevent.call(() => {}); // the same runs below both
process.send((await interleave({ [way]: ways[way] }, 60))[way]);
