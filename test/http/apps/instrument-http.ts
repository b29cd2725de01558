/** Preloaded: a NodeSDK with instrumentation-http for servers, whose spans go nowhere. */
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';

new NodeSDK({
  traceExporter: new InMemorySpanExporter(),
  instrumentations: [new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true })],
}).start();
