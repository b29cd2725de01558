/**
 * Logs objects that count how often they are read, and reports the counts: what a call may do to a giant is bounded by
 * the limits on records, not by the giant.
 */
import { writeSync } from 'node:fs';
import { consolePretty, jsonLines, otlp } from '../../../src/destinations.ts';
import { register, withContext } from '../../../src/index.ts';
import type { Fields } from '../../../src/index.ts';
import type { ReadsReport } from '../input-reads.ts';

const logging = register({
  destinations: [otlp({}), jsonLines({ stream: 'stdout' }), consolePretty({ stream: 'stderr', colors: false })],
});
const log = logging.getLogger('reads');
let reads = 0;
const counting: ProxyHandler<object> = {
  get(target, key) {
    reads++;
    const value: unknown = Reflect.get(target, key);
    return typeof value === 'object' && value !== null && key !== 'constructor' ? new Proxy(value, counting) : value;
  },
};
const counted = (object: object): object => new Proxy(object, counting);

function doubling(levels: number): object {
  let graph: object = { leaf: true };
  for (let i = 0; i < levels; i++) graph = { left: graph, right: graph };
  return counted(graph);
}

function deep(levels: number): object {
  let chain: object = {};
  for (let i = 0; i < levels; i++) chain = { inside: chain };
  return counted(chain);
}

/** Each key is a getter of its own. */
function wide(keys: number): Fields {
  const fields: Fields = {};
  for (let i = 0; i < keys; i++) {
    Object.defineProperty(fields, `key${i}`, { get: () => ++reads, enumerable: true });
  }
  return fields;
}

const cases: Readonly<Record<string, () => void>> = {
  'a graph of 2^30 paths': () => log.info('event', { value: doubling(30) }),
  'a graph of 2^300 paths': () => log.info('event', { value: doubling(300) }),
  'objects 10,000 deep': () => log.info('event', { value: deep(10_000) }),
  'an array of a million': () => log.info('event', { value: counted(Array.from({ length: 1_000_000 }, () => 1)) }),
  'the longest sparse array': () => log.info('event', { value: counted(new Array<unknown>(2 ** 32 - 1)) }),
  'an object of 100,000 keys': () => log.info('event', { value: wide(100_000) }),
  'fields of 100,000 keys': () => log.info('event', wide(100_000)),
  'a child of 100,000 keys': () => log.child(wide(100_000)).info('event'),
  'a context of 100,000 keys': () => withContext(wide(100_000), () => log.info('event')),
};
const counts: Record<string, number> = {};
for (const [name, run] of Object.entries(cases)) {
  reads = 0;
  run();
  counts[name] = reads;
}
await logging.shutdown();
const report: ReadsReport = { counts, ledgers: [logging.ledger()] };
writeSync(3, JSON.stringify(report));
