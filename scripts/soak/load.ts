/** What a busy service logs: several loggers, all levels, spans, errors with stacks, and now and then a large record. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { Fields, Logger } from '../../src/index.ts';
import { NUMBER_KEY } from './task.ts';

const LOGGER_NAMES = ['http', 'http.router', 'checkout', 'checkout.payments', 'stock', 'mail'];
/** Of a hundred records. */
const LEVELS = [
  ...Array<'trace'>(4).fill('trace'),
  ...Array<'debug'>(25).fill('debug'),
  ...Array<'info'>(55).fill('info'),
  ...Array<'warn'>(10).fill('warn'),
  ...Array<'error'>(5).fill('error'),
  'fatal' as const,
];
/** Coprime to 100, so that levels are mixed and come round in full. */
const LEVEL_STEP = 37;
const LONG_TEXT_EVERY = 100;
const LARGE_EVERY = 1_000;
/** Of one request, inside one span. */
const RECORDS_PER_SPAN = 12;

const LONG_TEXT = 'SELECT id, state FROM orders WHERE state IN (?, ?, ?) ORDER BY id; '.repeat(100);
const LARGE = Array.from({ length: 300 }, (_, row) => ({
  sku: `article ${row}`,
  quantity: row % 7,
  price: row + 0.5,
  note: 'to be packed with care',
}));

/** The nth record is the same in every run. */
export class Load {
  readonly #tracer;
  readonly #loggers: readonly Logger[];
  #count = 0;

  constructor(getLogger: (name: string) => Logger) {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new TracerProvider());
    this.#tracer = trace.getTracer('soak');
    const loggers = LOGGER_NAMES.map((name) => getLogger(name));
    this.#loggers = [...loggers, ...loggers.map((logger) => logger.child({ tenant: 'acme', shard: 3 }))];
  }

  /** Records logged so far, which is also the number of the next one. */
  get count(): number {
    return this.#count;
  }

  /** Logs until `count` are. `onCall` gets the time of each call in ns. */
  logUpTo(count: number, onCall: (ns: number) => void): void {
    while (this.#count < count) {
      const end = Math.min(count, this.#count + RECORDS_PER_SPAN);
      this.#tracer.startActiveSpan('POST /orders', (span) => {
        while (this.#count < end) this.#logNext(onCall);
        span.end();
      });
    }
  }

  #logNext(onCall: (ns: number) => void): void {
    const n = this.#count++;
    const logger = this.#loggers[n % this.#loggers.length];
    const level = LEVELS[(n * LEVEL_STEP) % LEVELS.length] ?? 'info';
    if (logger === undefined) throw new Error('there are loggers');
    const fields = fieldsOf(n);
    const failed = level === 'error' || level === 'fatal';
    const error = failed ? new Error(`card declined, attempt ${n % 3}`) : undefined;
    const event = failed ? 'payment_failed' : (n & 1) === 0 ? 'order_placed' : 'an order was looked at';

    const startedMs = performance.now();
    logger[level](event, fields, error);
    onCall((performance.now() - startedMs) * 1e6);
  }
}

/** As an application makes them: a new object for each call. */
function fieldsOf(n: number): Fields {
  const fields: Record<string, unknown> = {
    [NUMBER_KEY]: n,
    order: `order ${n % 10_007}`,
    amount: (n % 4_999) / 100,
    express: n % 3 === 0,
    user: { country: 'PT', returning: n % 5 === 0 },
  };
  if (n % LONG_TEXT_EVERY === LONG_TEXT_EVERY - 1) fields.statement = LONG_TEXT;
  if (n % LARGE_EVERY === LARGE_EVERY - 1) fields.items = LARGE;
  return fields;
}
