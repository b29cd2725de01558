/**
 * Applications for a project of their own, where SDK 2.x and `@opentelemetry/api` 1.9 are installed: written there as
 * plain JavaScript, since their imports are that project's and not ours.
 */
export const TRACING = `
import { NodeSDK } from '@opentelemetry/sdk-node';
const sdk = new NodeSDK();
sdk.start();
process.once('beforeExit', () => void sdk.shutdown());
`;

export const APPLICATION = `
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import * as api from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { getLogger, register } from 'spanlog';

const require = createRequire(import.meta.url);
const requireOfSpanlog = createRequire(require.resolve('spanlog'));
const logging = register();
process.on('exit', () => writeSync(3, JSON.stringify(logging.ledger()) + '\\n'));

const log = getLogger('checkout.payments');
trace.getTracer('app').startActiveSpan('pay', (span) => {
  console.log(JSON.stringify({
    span: span.spanContext(),
    recording: span.isRecording(),
    ownCopy: require.resolve('@opentelemetry/api') === requireOfSpanlog.resolve('@opentelemetry/api'),
    hasLogsApi: 'logs' in api,
  }));
  log.info('paid', { amount: 1.5, count: 2 });
  logs.getLogger('bridge.older').emit({ severityText: 'notice', body: 'through api-logs' });
  span.end();
});
`;
