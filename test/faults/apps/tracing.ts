/** NodeSDK with the instrumentations of both HTTP clients, reaching ES modules too: to be preloaded before spanlog. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

/** Names of the spans that have ended. */
export const spans: string[] = [];

new NodeSDK({
  instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
  spanProcessors: [
    {
      onStart: () => undefined,
      onEnd: ({ name }: { name: string }) => void spans.push(name),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ],
  // Logs are spanlog's, and nothing else is exported: any request that is not the application's own is ours.
  logRecordProcessors: [],
  metricReaders: [],
}).start();

const require = createRequire(import.meta.url);
require('node:http');
require('node:https');
// What a loader hook does for ES modules: the patched functions reach everyone who imports them by name.
syncBuiltinESMExports();
