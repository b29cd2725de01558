/** Logs objects at each place that takes fields and changes them before anything is sent. */
import { writeSync } from 'node:fs';
import { logs } from '@opentelemetry/api';
import { consolePretty, jsonLines, otlp } from '../../../src/destinations.ts';
import { bindContext, register, withContext } from '../../../src/index.ts';
import type { InputReport } from '../input-run.ts';

const logging = register({
  destinations: [otlp({}), jsonLines({ stream: 'stdout' }), consolePretty({ stream: 'stderr', colors: false })],
});
const log = logging.getLogger('changes');

function fields() {
  return {
    object: { a: 1, inner: { b: [1, 2] } },
    array: [1, { c: 3 }] as unknown[],
    map: new Map<string, unknown>([['k', 1]]),
    set: new Set<unknown>([1]),
    bytes: Uint8Array.of(1, 2, 3),
    numbers: Float64Array.of(1.5, 2.5),
    date: new Date(0),
    error: new Error('before'),
  };
}

/** Runs `use`, which logs, or binds what is logged by `after`; between the two everything is changed. */
function changed(use: (given: ReturnType<typeof fields>) => () => void): void {
  const given = fields();
  const after = use(given);
  given.object.a = 99;
  given.object.inner.b.push(99);
  Object.assign(given.object, { spoilt: true });
  given.array.push('spoilt');
  given.map.set('spoilt', 1);
  given.set.add('spoilt');
  given.bytes.fill(99);
  given.numbers.fill(99);
  given.date.setTime(1e12);
  given.error.message = 'spoilt';
  given.error.stack = 'spoilt';
  Object.assign(given, { extra: 'spoilt' });
  after();
}

const nothing = (): void => undefined;

changed((given) => {
  log.info('event', given);
  return nothing;
});
changed((given) => {
  const child = log.child(given);
  return () => child.info('event');
});
changed((given) => {
  withContext(given, () => log.info('event'));
  return nothing;
});
withContext({}, () => {
  changed((given) => {
    bindContext(given);
    return () => log.info('event');
  });
});
changed((given) => {
  logs.getLogger('changes').emit({ body: 'event', attributes: given });
  return nothing;
});
changed((given) => {
  logs.getLogger('changes').emit({ body: 'event', attributes: { ...given } });
  return nothing;
});
await logging.shutdown();
const report: InputReport = { ledgers: [logging.ledger()] };
writeSync(3, JSON.stringify(report));
