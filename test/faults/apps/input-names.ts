/** Logs fields under the names that a record's own parts have, at each place that takes fields; reports when it did. */
import { writeSync } from 'node:fs';
import { logs, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { logs as olderLogs, SeverityNumber as OlderSeverityNumber } from '@opentelemetry/api-logs';
import { consolePretty, jsonLines, otlp } from '../../../src/destinations.ts';
import { bindContext, register, withContext } from '../../../src/index.ts';
import { FORGED_NAMES, SPAN } from '../input-names.ts';
import type { NamesReport } from '../input-names.ts';

const logging = register({
  service: { name: 'honest' },
  destinations: [otlp({}), jsonLines({ stream: 'stdout' }), consolePretty({ stream: 'stderr', colors: false })],
});
const log = logging.getLogger('names');
const forged = Object.fromEntries(FORGED_NAMES.map((name) => [name, 'forged']));
const context = trace.setSpanContext(ROOT_CONTEXT, SPAN);
const bridged = { eventName: 'event', body: 'event', attributes: forged, context };

const startMs = Date.now();
log.info('event', forged);
log.info('event', () => forged);
log.child(forged).info('event');
withContext(forged, () => log.info('event'));
withContext({}, () => {
  bindContext(forged);
  log.info('event');
});
logs.getLogger('names').emit({ ...bridged, severityNumber: SeverityNumber.INFO });
olderLogs.getLogger('names').emit({ ...bridged, severityNumber: OlderSeverityNumber.INFO });
const endMs = Date.now();
await logging.shutdown();
const report: NamesReport = { startMs, endMs, ledgers: [logging.ledger()] };
writeSync(3, JSON.stringify(report));
