// OpenTelemetry as its documentation sets it up, with spans kept in memory.
import { register } from 'node:module';
import { trace } from '@opentelemetry/api';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
const exporter = new tracing.InMemorySpanExporter();
new NodeSDK({
  autoDetectResources: false,
  instrumentations: [
    getNodeAutoInstrumentations({
      '@opentelemetry/instrumentation-fs': { enabled: true, requireParentSpan: true },
    }),
  ],
  spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
}).start();
const tracer = trace.getTracer('test');

globalThis.agent = {
  span: (name, fn) =>
    tracer.startActiveSpan(name, (span) => {
      try {
        return fn();
      } finally {
        span.end();
      }
    }),
  spans: () =>
    exporter.getFinishedSpans().map((span) => ({
      id: span.spanContext().spanId,
      parent: span.parentSpanContext?.spanId,
      name: span.name,
    })),
};
