// fetchSync() beside fetch().
import { atMost } from '../criteria.mjs';
import { median } from '../interleave.mjs';

const PAIRS = 9;

/** fetchSync and textSync beside await fetch and text, one after the other; each in processes of its own. */
export async function measure(lab) {
  const server = await lab.serve('hello-server.mjs');
  const found = { synchronously: [], asynchronously: [] };
  try {
    for (let pair = 0; pair < PAIRS; pair++) {
      const ways = pair % 2 === 0 ? Object.keys(found) : Object.keys(found).reverse();
      for (const way of ways) found[way].push(await lab.ask('fetch.mjs', { args: [server.url, way] }));
    }
  } finally {
    await server.close();
  }
  const { synchronously, asynchronously } = found;
  const row = (what, processes) => ({
    what,
    value: median(processes.map((one) => one.median)) / 1000,
    best: Math.min(...processes.map((one) => one.min)) / 1000,
    unit: 'µs',
  });
  const ratios = synchronously.map((one, pair) => one.median / asynchronously[pair].median);
  return {
    measured: [
      row('fetchSync().textSync()', synchronously),
      row('await (await fetch()).text()', asynchronously),
    ],
    criteria: [atMost('`fetchSync` against `await fetch`', 100 * (median(ratios) - 1), 10, '% more')],
  };
}
