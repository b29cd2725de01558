/** Logs once through each door: our own, and both Logs API globals. `hello.ts` has no settings but the environment's. */
import { logs, SeverityNumber } from '@opentelemetry/api';
import { logs as olderLogs, SeverityNumber as OlderSeverityNumber } from '@opentelemetry/api-logs';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from './report-ledger.ts';

reportAtExit(running());
const log = getLogger('app');
log.info('hello', { n: 1 });
log.debug('quiet');
logs.getLogger('bridge').emit({ severityNumber: SeverityNumber.INFO, body: 'by the Logs API' });
olderLogs.getLogger('older-bridge').emit({ severityNumber: OlderSeverityNumber.INFO, body: 'by the older Logs API' });
