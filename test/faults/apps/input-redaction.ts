/**
 * Logs texts that make each redaction rule start, look far and find nothing, and reports the time of a processor that
 * each call took: `short` for 100 kB, `long` for 200 kB, the better of two, which says more than their mean.
 */
import { writeSync } from 'node:fs';
import { consolePretty, jsonLines, otlp } from '../../../src/destinations.ts';
import { register } from '../../../src/index.ts';
import { ADVERSARIES, LONG, SHORT } from '../input-adversaries.ts';
import type { RedactionReport } from '../input-adversaries.ts';

const logging = register({
  // So that nothing is cut before a rule sees it.
  limits: { recordText: 4 * LONG },
  redact: {
    kinds: { ip: true, phone: true, national_id: true, mac_address: true, crypto_wallet: true },
    patterns: { ticket: /TICKET-\d{4,40}x/ },
  },
  destinations: [otlp({}), jsonLines({ stream: 'stdout' }), consolePretty({ stream: 'stderr', colors: false })],
});
const log = logging.getLogger('redaction');

function timeOf(unit: string, length: number): number {
  const value = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  let best = Infinity;
  for (let i = 0; i < 2; i++) {
    const start = process.cpuUsage();
    log.info('event', { value });
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

const times: Record<string, { short: number; long: number }> = {};
let calls = 0;
for (const [name, unit] of Object.entries(ADVERSARIES)) {
  times[name] = { short: timeOf(unit, SHORT), long: timeOf(unit, LONG) };
  calls += 4;
  await logging.flush();
}
await logging.shutdown();
const report: RedactionReport = { times, calls, ledgers: [logging.ledger()] };
writeSync(3, JSON.stringify(report));
