/**
 * A traced application, to be run with `tracing.ts` preloaded: logs numbered records inside a span and outside of any,
 * makes a request with each of Node's two HTTP clients, and ends by `process.exit` with records still to be sent:
 * `traced.ts <url> [piped]`. Prints, as JSON, the names of all spans. `piped`: what OpenTelemetry has to say about itself
 * is logged as well.
 */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';
import { spans } from './tracing.ts';

const [url = '', piped] = process.argv.slice(2);
const log = getLogger('app');
const logging = running();
reportAtExit(logging);

if (piped !== undefined) {
  const toLog = (message: string): void => log.debug('diagnosed by OpenTelemetry', { message });
  const logger = { verbose: toLog, debug: toLog, info: toLog, warn: toLog, error: toLog };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
}

let i = 0;
await trace.getTracer('app').startActiveSpan('work', async (span) => {
  for (let n = 0; n < 10; n++) log.info('tick', { i: i++ });
  await logging.flush();
  span.end();
});
for (let n = 0; n < 10; n++) log.info('tick', { i: i++ });
await logging.flush();
if (piped !== undefined) await delay(3_000);

await new Promise((resolve) => request(url, (response) => response.resume().on('end', resolve)).end());
await (await fetch(url)).text();
trace.getTracer('app').startActiveSpan('last work', (span) => {
  for (let n = 0; n < 10; n++) log.info('tick', { i: i++ });
  span.end();
});
console.log(JSON.stringify({ spans }));
process.exit(0);
