// fetchSync beside await fetch, to a server in another process: node fetch.mjs URL
import aevent from 'aevent';
import { interleave } from '../interleave.mjs';

const [url] = process.argv.slice(2);
process.send(
  await interleave(
    {
      async asynchronously(times) {
        for (let i = 0; i < times; i++) await (await fetch(url)).text();
      },
      synchronously: (times) =>
        aevent.call(() => {
          for (let i = 0; i < times; i++) aevent.fetchSync(url).textSync();
        }),
    },
    100,
  ),
);
