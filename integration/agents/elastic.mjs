// Elastic's agent with its loader for ES modules, which sends nothing: its filters see the transactions and spans.
import { register } from 'node:module';
import apm from 'elastic-apm-node';

register('elastic-apm-node/loader.mjs', import.meta.url);
apm.start({
  apmServerVersion: '8.0.0',
  centralConfig: false,
  cloudProvider: 'none',
  disableSend: true,
  exitSpanMinDuration: '0ms',
  logLevel: 'off',
  metricsInterval: '0s',
  serviceName: 'test',
  spanCompressionEnabled: false,
});
const spans = [];
const keep = (span) => {
  spans.push({ id: span.id, parent: span.parent_id, name: span.name.replace(/:\d+/, '') });
  return span;
};
apm.addTransactionFilter(keep);
apm.addSpanFilter(keep);

globalThis.agent = {
  span(name, fn) {
    // Outside of requests there is no transaction, so there are no spans.
    const span = apm.currentTransaction && apm.startSpan(name);
    try {
      return fn();
    } finally {
      span?.end();
    }
  },
  spans: async () => {
    await apm.flush();
    return spans;
  },
};
