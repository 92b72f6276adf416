// Asks for point queries one after the other on some connections, and for the report on one more: node sqlite-load.mjs URL
// CONNECTIONS SECONDS [report]. Tells how many were answered, the 99th percentile of how long that took, the loop's gap, and what of
// the processors' time the server took for each.
import { Agent, get } from 'node:http';

const [url, connections, seconds, withReport] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) + 1 });
const ask = (path) =>
  new Promise((resolve, reject) => {
    get(url + path, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });
let isOver = false;
const times = [];
async function again(path, into) {
  while (!isOver) {
    const begin = performance.now();
    await ask(path);
    into.push(performance.now() - begin);
  }
}
const before = await ask('/gap');
const begin = performance.now();
setTimeout(() => {
  isOver = true;
}, 1000 * Number(seconds));
const all = Array.from({ length: Number(connections) }, () => again('/', times));
if (withReport) all.push(again('/report', []));
await Promise.all(all);
const took = performance.now() - begin;
const gap = await ask('/gap');
times.sort((a, b) => a - b);
process.send({
  perSecond: (1000 * times.length) / took,
  p99: times[Math.floor(0.99 * times.length)],
  cpuUs: (gap.cpuUs - before.cpuUs) / times.length,
  gap,
});
agent.destroy();
