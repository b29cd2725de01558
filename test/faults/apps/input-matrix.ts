/**
 * Puts every value of one table into every place: `input-matrix.ts <table>`. Lines go to stdout as JSON and to stderr for
 * people; what was thrown into the application, what took long, and both ledgers go to file descriptor 3.
 */
import { writeSync } from 'node:fs';
import { consolePretty, jsonLines, otlp } from '../../../src/destinations.ts';
import { register } from '../../../src/index.ts';
import { spanlogProcessor } from '../../../src/processors.ts';
import { PLACES } from '../input-places.ts';
import { TABLES } from '../input-tables.ts';

/** Longer than any single call may take on a busy machine. */
const SLOW_MS = 2_000;

const [table = '', only = ''] = process.argv.slice(2);
const text = { colors: false };
const logging = register({
  service: { name: 'hostile' },
  redact: { paths: ['nowhere.**'] },
  destinations: [otlp({}), jsonLines({ stream: 'stdout', ...text }), consolePretty({ stream: 'stderr', ...text })],
});
const processor = spanlogProcessor({ destinations: [otlp({ name: 'processor' })] });
const lanes = { log: logging.getLogger('matrix'), processor };
const thrown: string[] = [];
const slow: string[] = [];
const ids: string[] = [];

for (const [kind, make] of Object.entries(TABLES[table] ?? {})) {
  for (const [name, place] of Object.entries(PLACES)) {
    const id = `${kind} as ${name}`;
    if (!id.includes(only)) continue;
    ids.push(id);
    const value = make();
    const start = performance.now();
    try {
      place(lanes, id, value);
    } catch (error) {
      thrown.push(`${id}: ${error instanceof Error ? String(error.stack) : 'no error'}`);
    }
    const tookMs = performance.now() - start;
    if (tookMs > SLOW_MS) slow.push(`${id}: ${tookMs.toFixed(0)} ms`);
  }
  // So that the giants of one kind need not wait for those of the next.
  await Promise.all([logging.flush(), processor.forceFlush()]);
}
await Promise.all([logging.shutdown(), processor.shutdown()]);
writeSync(3, JSON.stringify({ ids, thrown, slow, ledger: logging.ledger(), processorLedger: processor.ledger() }));
