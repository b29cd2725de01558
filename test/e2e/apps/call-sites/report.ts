import { writeSync } from 'node:fs';
import type { SpanContext } from '@opentelemetry/api';
import type { Logging } from '../../../../src/index.ts';

/** Says on file descriptor 3, as the last act of the process, which span was active and what the ledger holds. */
export function reportAtExit(span: SpanContext | undefined, logging: Logging): void {
  const ids = span && { traceId: span.traceId, spanId: span.spanId };
  process.on('exit', () => writeSync(3, JSON.stringify({ span: ids, ledger: logging.ledger() })));
}
