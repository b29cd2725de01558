import { writeSync } from 'node:fs';
import type { Logging } from '../../../src/index.ts';
import { registry } from '../../../src/start.ts';

/** The logging that `--import` started. Asked for as `--import` would, so that nothing is reconfigured by the test. */
export function running(): Logging {
  return registry().register(undefined, true);
}

/** Reports at exit, on file descriptor 3. By then spanlog has flushed: its first exit listener was there before. */
export function reportAtExit(logging: Pick<Logging, 'ledger'>): void {
  process.on('exit', () => void writeSync(3, JSON.stringify(logging.ledger())));
}
