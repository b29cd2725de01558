/**
 * Audit records among others, in the main thread and in a worker: `audit.ts <folder>`. No level is low enough for any
 * record, and none is sampled in.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { auditFile, otlp } from '../../../src/destinations.ts';
import { defineEvents, getLogger, register } from '../../../src/index.ts';
import { reportAtExit } from './report-ledger.ts';

const folder = isMainThread ? (process.argv[2] ?? '') : String(workerData);
const log = getLogger('accounts');
// Before register: no names are known yet.
log.info('user_deleted', { when: 'early' });
const catalogue = defineEvents({
  user_deleted: {
    level: 'info',
    fields: { when: 'string', email: { type: 'string', optional: true }, i: { type: 'number', optional: true } },
  },
  user_created: { level: 'warn', fields: { i: 'number' } },
  role_granted: { level: 'info', audit: true, fields: { role: 'string' } },
});
const logging = register({
  level: 'error',
  sample: { rate: 0 },
  audit: { events: ['user_deleted'] },
  catalogue,
  destinations: [otlp(), auditFile({ path: join(folder, 'audit.jsonl') })],
});

for (let i = 0; i < 5; i++) {
  log.info('user_deleted', { when: isMainThread ? 'main' : 'worker', email: 'jo@example.com', i });
  log.warn('user_created', { i });
}
log.info('role_granted', { role: 'admin' });

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: folder });
  await once(worker, 'exit');
  // The very last words of a process are evidence too.
  process.on('exit', () => log.info('user_deleted', { when: 'exit' }));
  reportAtExit(logging);
  if (process.argv[3] === 'shutdown') await logging.shutdown();
}
