/** An application that logs far more than its unread stdout takes, and tells its parent how it went. */
import { once } from 'node:events';
import { jsonLines } from '../../src/destinations.ts';
import { getLogger, register } from '../../src/index.ts';

const RECORDS = 60_000;
const QUEUE_BYTES = 1024 * 1024;

const logging = register({
  service: { name: 'slow' },
  destinations: [jsonLines()],
  limits: { queueBytes: QUEUE_BYTES },
  rateLimit: { noticePerMinute: false },
});
const log = getLogger('slow.reader');
for (let i = 0; i < RECORDS; i++) {
  log.info('order_placed', { order: i, note: 'x'.repeat(200) });
  // As a server does, it comes back to its event loop; if logging waited for the reader, this would never return.
  if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
}
process.send?.({ ledger: logging.ledger(), queueBytes: QUEUE_BYTES });
await once(process, 'message');
await logging.flush({ timeoutMs: 20_000 });
process.send?.({ ledger: logging.ledger() });
process.disconnect();
