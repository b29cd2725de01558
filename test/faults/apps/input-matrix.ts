/**
 * Puts every value of one table into every place: `input-matrix.ts <table>`. Lines go to stdout as JSON and to stderr for
 * people; what was thrown into the application, what took long, and the ledgers go to file descriptor 3.
 */
import { writeSync } from 'node:fs';
import { consolePretty, jsonLines, otlp } from '../../../src/destinations.ts';
import type { Destination } from '../../../src/destinations.ts';
import { register } from '../../../src/index.ts';
import { spanlogProcessor } from '../../../src/processors.ts';
import type { MatrixReport } from '../input-matrix.ts';
import { PLACES } from '../input-places.ts';
import { TABLES } from '../input-tables.ts';

/** Of a processor, for one call; most take less than a hundredth, and waiting for a busy machine does not count. */
const SLOW_MS = 500;

const [table = '', only = ''] = process.argv.slice(2);
const destinations = (): Destination[] => [
  otlp({}),
  jsonLines({ stream: 'stdout' }),
  consolePretty({ stream: 'stderr', colors: false }),
];
const logging = register({
  service: { name: 'hostile' },
  // Places are judged, so the paths to them are followed too.
  redact: { paths: ['nowhere.**'] },
  destinations: destinations(),
});
const processor = spanlogProcessor({ destinations: destinations() });
const lanes = { log: logging.getLogger('matrix'), processor };
const ids: string[] = [];
const thrown: string[] = [];
const slow: string[] = [];
const prototypes = (): string =>
  [Object, Array, Function, Error, Map, Promise].map((type) => Reflect.ownKeys(type.prototype).map(String)).join();
const before = prototypes();

for (const [kind, make] of Object.entries(TABLES[table] ?? {})) {
  for (const [name, place] of Object.entries(PLACES)) {
    const id = `${name} / ${kind}`;
    if (!id.includes(only)) continue;
    ids.push(id);
    const value = make();
    const start = process.cpuUsage();
    try {
      place(lanes, id, value);
    } catch (error) {
      thrown.push(`${id}: ${error instanceof Error ? String(error.stack) : 'no error'}`);
    }
    const { user, system } = process.cpuUsage(start);
    const tookMs = (user + system) / 1_000;
    if (tookMs > SLOW_MS) slow.push(`${id}: ${tookMs.toFixed(0)} ms`);
  }
  // So that the giants of one kind need not wait for those of the next.
  await Promise.all([logging.flush(), processor.forceFlush()]);
}
await Promise.all([logging.shutdown(), processor.shutdown()]);
const report: MatrixReport = {
  ids,
  thrown,
  slow,
  polluted: prototypes() !== before,
  ledgers: [logging.ledger(), processor.ledger()],
};
writeSync(3, JSON.stringify(report));
