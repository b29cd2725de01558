/** Logs once in each of 10,000 traces, by the OTel Logs API: `sampled.ts <event>`. */
import { logs, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { Dice } from '../../support/redaction/dice.ts';

const dice = new Dice(20_261_121);
const logger = logs.getLogger(`service.${process.argv[2] ?? ''}`);
for (let i = 0; i < 10_000; i++) {
  const traceId = dice.text('0123456789abcdef', 32);
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 });
  logger.emit({ eventName: process.argv[2] ?? '', severityNumber: SeverityNumber.INFO, context });
}
