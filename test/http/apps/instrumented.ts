/**
 * The shop of each framework in a process with a tracing SDK and instrumentation-http, as applications preload them; asks
 * it and prints what was logged.
 */
import { get } from 'node:http';
import { InMemoryLogRecordExporter } from '@opentelemetry/sdk-logs';
import { sdkExporter } from '../../../src/destinations.ts';
import { register } from '../../../src/index.ts';
import { FRAMEWORKS } from '../frameworks.ts';

const logs = new InMemoryLogRecordExporter();
const logging = register({ level: 'debug', destinations: [sdkExporter(logs)] });
const [, , traceparent = ''] = process.argv;

/** By node:http, without a span of its own (see the instrumentation): what arrives is what stands here. */
function ask(url: string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    get(url, { headers: { traceparent, tracestate: 'vendor=1' }, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text));
    }).on('error', reject);
  });
}

const said: Record<string, unknown> = {};
for (const framework of FRAMEWORKS) {
  const shop = await framework.start({});
  const body = await ask(`${shop.url}/orders/1`);
  await shop.close();
  await logging.flush();
  const records = logs.getFinishedLogRecords().map(({ eventName, spanContext, attributes }) => ({
    event: eventName,
    traceId: spanContext?.traceId,
    spanId: spanContext?.spanId,
    requestId: attributes.request_id,
  }));
  logs.reset();
  said[framework.name] = { body, records, balanced: logging.ledger().balanced };
}
console.log(JSON.stringify(said));
