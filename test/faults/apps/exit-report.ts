import { writeSync } from 'node:fs';
import type { Logging } from '../../../src/index.ts';
import { registry } from '../../../src/start.ts';

/** The logging that `--import` started. */
export function running(): Logging {
  return registry().register(undefined, true);
}

/**
 * Reports the ledger on file descriptor 3 when the process ends, once spanlog has flushed: in an exit listener behind its
 * first one, or right before spanlog raises the signal again that the process dies by, for which there is no event.
 */
export function reportAtEnd(logging: Logging): void {
  const report = (): void => void writeSync(3, JSON.stringify(logging.ledger()));
  process.on('exit', report);
  const kill = process.kill.bind(process);
  process.kill = (pid, signal) => {
    process.kill = kill;
    report();
    return kill(pid, signal);
  };
}
