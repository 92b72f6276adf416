// node --import aevent/auto main.mjs: five hundred clients of four protocols at once, in threads, with their servers in
// the same process. All of them meet in the middle of their conversations.
import { Barrier, Thread } from 'aevent/threading';
import { lookUp, startNameServer } from './dns.mjs';
import { download, startWebServer } from './download.mjs';
import { startLineServer, talkInLines } from './lines.mjs';
import { startRespServer, talkToRedis } from './redis.mjs';

const CLIENTS = 500;
const TIMEOUT_MS = 60_000;

const lines = startLineServer();
const names = startNameServer();
const web = startWebServer();
const redis = process.env.REDIS_PORT ? undefined : startRespServer();
const redisPort = redis?.address().port ?? Number(process.env.REDIS_PORT);

let met = 0;
const barrier = new Barrier(CLIENTS, () => met++, TIMEOUT_MS);
const meet = () => barrier.wait();

const address = (i) => lookUp(names.address().port, `host${i}.example`, i);
const kinds = [
  (i) => talkInLines(lines.address().port, i, meet),
  (i) => {
    const before = address(i);
    meet();
    const expected = `10.0.${i >> 8}.${i & 255}`;
    return before === expected && address(i) === expected;
  },
  () => {
    const first = download(web.address().port, '/length');
    meet();
    const second = download(web.address().port, '/chunks');
    return first.whole && second.whole && first.status + second.status === 400;
  },
  (i) => talkToRedis(redisPort, i, meet),
];
const right = kinds.map(() => 0);
const threads = Array.from({ length: CLIENTS }, (_, i) => {
  const kind = i % kinds.length;
  const target = () => {
    if (kinds[kind](i)) right[kind]++;
  };
  return new Thread({ target });
});
for (const thread of threads) thread.start();
for (const thread of threads) thread.join();
for (const server of [lines, names, web, redis]) server?.close();
console.log(JSON.stringify({ right, met }));
