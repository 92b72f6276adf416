import { atMost } from '../criteria.mjs';

/** fetchSync and textSync beside await fetch and text, one after the other. */
export async function measure(lab) {
  const server = await lab.serve('hello-server.mjs');
  try {
    const { asynchronously, synchronously } = await lab.ask('fetch.mjs', { args: [server.url] });
    const row = (what, { median, min }) => ({ what, value: median / 1000, best: min / 1000, unit: 'µs' });
    return {
      measured: [
        row('fetchSync().textSync()', synchronously),
        row('await (await fetch()).text()', asynchronously),
      ],
      criteria: [
        atMost(
          'fetchSync against await fetch',
          100 * (synchronously.median / asynchronously.median - 1),
          10,
          '% more',
        ),
      ],
    };
  } finally {
    await server.close();
  }
}
