/** What a catalogue and a policy make of every record, whoever logs it: one process, registered once. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { pinoStream } from '../../src/bridges.ts';
import { sdkExporter } from '../../src/destinations.ts';
import { bindContext, defineEvents, getLogger, register, SettingError, withContext } from '../../src/index.ts';
import type { Logging, Options } from '../../src/index.ts';

interface Sent {
  readonly eventName?: string;
  readonly body?: unknown;
  readonly severityText?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const NAME = 'Erika Mustermann';

const orders = defineEvents({
  order_placed: {
    level: 'info',
    retention: 'years',
    fields: {
      order_id: 'string',
      customer: { type: 'string', class: 'pii' },
      token_count: { type: 'integer', optional: true },
      placed_at: { type: 'timestamp', optional: true },
      basket: { type: 'object', optional: true },
      note: { type: 'string', optional: true },
      pregnant: { type: 'boolean', class: 'health', optional: true },
    },
  },
  account_opened: { level: 'info', fields: { bornOn: { type: 'string', class: 'pii' } } },
  role_granted: { level: 'debug', audit: true },
  ticket_opened: { level: 'warn', fields: { customer: 'string', note: { type: 'string', class: 'secret' } } },
});
const late = defineEvents({
  door_opened: {
    level: 'info',
    fields: { door: { type: 'integer', class: 'place' }, code: { type: 'string', optional: true } },
  },
});

/** What it says of itself is less than it has. */
class Door {
  readonly door = 8;
  readonly code = NAME;

  toJSON(): unknown {
    return { door: this.door };
  }
}

const sent: Sent[] = [];
const HIDDEN = '[REDACTED:pii]';
let logging: Logging;

async function lastOf(eventName: string): Promise<Sent> {
  await logging.flush();
  return sent.findLast((record) => record.eventName === eventName) ?? assert.fail(`no ${eventName} arrived`);
}

test('R12.1 with strict, a setting that names an event which no catalogue declares keeps the process from starting', () => {
  const options: Options = { catalogue: orders, sample: { events: { order_plaecd: 0.5 } } };
  assert.throws(
    () => register({ ...options, strict: true }),
    (error: unknown) => {
      assert.ok(error instanceof SettingError);
      assert.match(
        error.message,
        /^SPANLOG_UNKNOWN_EVENT: sample\.events is "order_plaecd" .* Did you mean order_placed\?$/,
      );
      return true;
    },
  );
});

describe('a catalogue that is registered', () => {
  before(() => {
    // Before `register`: the record waits, and neither field is hidden by any rule but the class.
    getLogger('early').info('order_placed', { order_id: 'o-0', customer: NAME });
    getLogger('early').info({ customer: NAME, order_id: 'o-0' } as never, { first: 1 });
    getLogger('early').info`waits for ${{ customer: NAME }} at ${'the door'}`;
    getLogger('early').info`waits for ${{ order_id: 'o-0' }} at ${'the door'}`;
    late.getLogger('early').emit('door_opened', { door: 7 });
    orders.getLogger('early').emit('order_placed', { order_id: 'o-1', customer: NAME });
    logging = register({
      level: 'info',
      levels: { early: 'trace' },
      diagnosticLevel: 'off',
      resourceDetectors: ['none'],
      destinations: [
        sdkExporter({
          export(records: never[], done: (result: { code: number }) => void) {
            sent.push(
              ...(records as Sent[]).map(({ eventName, body, severityText, attributes }) => ({
                ...(eventName !== undefined && { eventName }),
                body,
                ...(severityText !== undefined && { severityText }),
                attributes,
              })),
            );
            done({ code: 0 });
          },
          shutdown: () => Promise.resolve(),
        }),
      ],
      catalogue: orders,
      policy: {
        levels: { heartbeat: 'debug', retried: 'warn', noise: 'off' },
        fieldNames: 'snake_case',
        rename: { userId: 'user_id', customerName: 'customer', bornOn: 'born_on' },
        retention: {
          default: 'days',
          events: { noise: 'none' },
          loggers: { pay: 'months' },
          levels: { error: 'weeks' },
        },
      },
    });
  });

  test('R12.1 R4.3 what was logged before register has the classes of the catalogue, registered or not', async () => {
    await logging.flush();
    const early = sent.filter(({ eventName }) => eventName === 'order_placed');
    assert.deepEqual(
      early.map(({ attributes }) => [attributes.order_id, attributes.customer]),
      [
        ['o-0', HIDDEN],
        ['o-1', HIDDEN],
      ],
    );
    assert.equal((await lastOf('door_opened')).attributes.door, '[REDACTED:place]');
    const texts = sent.map(({ body }) => body).filter((body) => typeof body === 'string' && body.startsWith('waits'));
    assert.deepEqual(texts, ['waits for {customer} at {}', 'waits for o-0 at the door']);
    const body = sent.find(({ attributes }) => attributes.first === 1)?.body;
    assert.deepEqual({ ...(body as object) }, { customer: HIDDEN, order_id: 'o-0' });
  });

  test('R12.1 a catalogue that is not registered hides its fields in all that can be fields, and adds none', async () => {
    const log = late.getLogger('shop');
    log.emit('door_opened', new Door());
    assert.deepEqual(fieldsOf(await lastOf('door_opened')), { door: '[REDACTED:place]' });
    log.emit('door_opened', new Map([['door', 8]]) as never);
    assert.deepEqual(fieldsOf(await lastOf('door_opened')), { door: '[REDACTED:place]' });
    log.emit('door_opened', new URLSearchParams({ door: '8' }) as never);
    assert.deepEqual(fieldsOf(await lastOf('door_opened')), { door: '[REDACTED:place]' });
    const throwing = {
      get door(): number {
        throw new Error(NAME);
      },
    };
    log.child(throwing).emit('door_opened', {});
    assert.deepEqual(fieldsOf(await lastOf('door_opened')), { door: '[REDACTED:place]' });
  });

  test('R12.1 R4.3 a flag that has a class is hidden, one under a key that a rule names is not, and null is no value', async () => {
    const given = { order_id: 'o-4', customer: null, pregnant: true, token: false };
    getLogger('shop').info('order_placed', given as never);
    const shown = { order_id: 'o-4', customer: null, pregnant: '[REDACTED:health]', token: false };
    assert.deepEqual(fieldsOf(await lastOf('order_placed')), shown);
  });

  test('R12.1 R4.3 a field that the policy renames has the class of the name that was declared', async () => {
    orders.getLogger('shop').emit('account_opened', { bornOn: '1999-12-31' });
    assert.deepEqual(fieldsOf(await lastOf('account_opened')), { born_on: HIDDEN });
    getLogger('shop').info('seen', { born_on: '1999-12-31' });
    assert.deepEqual(fieldsOf(await lastOf('seen')), { born_on: HIDDEN });
  });

  test('R12.1 R4.3 what an error or the body of a Logs API record says under a name has its class', async () => {
    getLogger('shop').error('failed', {}, Object.assign(new Error('refused'), { customer: NAME, attempts: 3 }));
    const data = (await lastOf('failed')).attributes['exception.data'];
    assert.deepEqual({ ...(data as object) }, { customer: HIDDEN, attempts: 3 });
    logs.getLogger('otel').emit({ eventName: 'order_placed', body: { customer: NAME, order_id: 'o-5' } });
    assert.deepEqual({ ...((await lastOf('order_placed')).body as object) }, { customer: HIDDEN, order_id: 'o-5' });
    getLogger('shop').info({ customer: NAME, customerName: NAME, order_id: 'o-6' } as never, { more: 1 });
    await logging.flush();
    const shown = { customer: HIDDEN, customerName: HIDDEN, order_id: 'o-6' };
    assert.deepEqual({ ...(sent.at(-1)?.body as object) }, shown);
  });

  test('R12.1 R4.3 a class hides its field in every form of a call, from the first record of its event on', async () => {
    class Order {
      order_id = 'o-2';
      customer = NAME;
    }
    const log = getLogger('shop');
    const calls: (() => void)[] = [
      () => log.info('order_placed', { order_id: 'o-2', customer: NAME }),
      () => log.info('order_placed', () => ({ customer: NAME, order_id: 'o-2' })),
      () => log.info('order_placed', new Order()),
      () => log.info('order_placed', new Map([['customer', NAME]]) as never),
      () => log.info('order_placed', { customerName: NAME, ['k'.repeat(300)]: 1 }),
      () => log.child({ customer: NAME }).info('order_placed', { order_id: 'o-2' }),
      () => withContext({ customer: NAME }, () => log.info('order_placed', { order_id: 'o-2' })),
      () =>
        withContext({}, () => {
          bindContext({ customerName: NAME });
          log.info('order_placed');
        }),
      () => orders.getLogger('shop').emit('order_placed', { order_id: 'o-2', customer: NAME }),
      () => orders.getLogger('shop').child({ customer: NAME }).emit('order_placed', { order_id: 'o-2' }),
      () => logs.getLogger('otel').emit({ eventName: 'order_placed', attributes: { customer: NAME } }),
      () => pinoStream().write(`${JSON.stringify({ level: 30, msg: 'order_placed', customer: NAME })}\n`),
    ];
    for (const call of calls) {
      call();
      const record = await lastOf('order_placed');
      assert.equal(record.attributes.customer, HIDDEN, String(call));
      sent.length = 0;
    }
  });

  test('R12.1 R4.3 what stands in no declared event has the class that any event gives to a field of its name', async () => {
    const log = getLogger('shop');
    log.info('cart_left', { customer: NAME });
    assert.equal((await lastOf('cart_left')).attributes.customer, HIDDEN);
    log.info`seen ${{ customer: NAME }}`;
    await logging.flush();
    assert.deepEqual([sent.at(-1)?.attributes.customer, sent.at(-1)?.body], [HIDDEN, `seen ${HIDDEN}`]);
  });

  test('R12.1 an event that declares the field without a class shows it', async () => {
    getLogger('shop').warn('ticket_opened', { customer: 'ACME', note: 'x y' });
    const { attributes } = await lastOf('ticket_opened');
    assert.deepEqual([attributes.customer, attributes.note], ['ACME', '[REDACTED:secret]']);
    getLogger('shop').info('order_placed', { order_id: 'o', customer: NAME, note: 'at the door' });
    assert.equal((await lastOf('order_placed')).attributes.note, 'at the door');
  });

  test('R12.1 unknown events are counted by name, and what is other than declared is told once', async () => {
    const log = getLogger('checked');
    for (let i = 0; i < 3; i++) log.info('order_plaecd', { order_id: 'o-3' });
    log.flow('delivery').completed();
    log.transition('order', 'o-3', 'placed', 'paid');
    // Each record of a declared event that is looked at tells something else: one in 64 is.
    for (let i = 0; i < 129; i++) {
      log.error('order_placed', { order_id: i, basket: [1], placed_at: 'soon', token_count: 1.5, colour: 'red' });
    }
    await logging.flush();
    const { undeclared, problems } = logging.eventReport();
    assert.equal(undeclared.order_plaecd, 3);
    assert.deepEqual(
      Object.keys(undeclared).filter((name) => /^(flow|state)/.test(name)),
      [],
    );
    const told = problems.map(({ event, field, problem }) => `${event} ${field ?? ''}: ${problem}`);
    assert.deepEqual(
      told.filter((line) => /^order_placed (order_id|basket|placed_at|token_count|colour|)?:/.test(line)).sort(),
      [
        'order_placed : it was logged at ERROR, declared as INFO',
        'order_placed basket: it is a list, declared as object',
        'order_placed colour: it is not declared',
        'order_placed order_id: it is a number, declared as string',
        'order_placed placed_at: it is a text, declared as timestamp',
        'order_placed token_count: it is a number, declared as integer',
      ],
    );
  });

  test('R12.2 an event has the level of the policy, up and down, and its level decides whether it is logged', async () => {
    const log = getLogger('levels');
    log.error('heartbeat');
    log.fatal('noise');
    log.debug('retried', { attempt: 2 });
    log.debug('cache_missed');
    await logging.flush();
    const names = sent.map(({ eventName }) => eventName);
    for (const name of ['heartbeat', 'noise', 'cache_missed']) assert.ok(!names.includes(name), name);
    assert.equal((await lastOf('retried')).severityText, 'WARN');
    assert.equal(log.isEnabled('debug'), false);
    logging.setLevel('levels', 'debug');
    log.error('heartbeat');
    assert.equal((await lastOf('heartbeat')).severityText, 'DEBUG');
    logs.getLogger('otel').emit({ eventName: 'retried', severityNumber: SeverityNumber.DEBUG });
    assert.equal((await lastOf('retried')).severityText, 'WARN');
  });

  test('R12.2 an event that the catalogue calls an audit record is one: its level keeps it from nothing', async () => {
    orders.getLogger('levels.audit').emit('role_granted');
    assert.equal((await lastOf('role_granted')).severityText, 'DEBUG');
    sent.length = 0;
    getLogger('quiet').trace('role_granted');
    assert.equal((await lastOf('role_granted')).severityText, 'TRACE');
  });

  test('R12.2 a field that is renamed has its new name wherever it was given, and one that was given twice is one', async () => {
    const log = getLogger('names');
    log.info('renamed', { userId: 1, other: 2 });
    log.info('renamed', { userId: 3, other: 2 });
    assert.deepEqual(fieldsOf(await lastOf('renamed')), { user_id: 3, other: 2 });
    log.info('renamed', { user_id: 3, userId: 4 });
    assert.deepEqual(fieldsOf(await lastOf('renamed')), { user_id: 4 });
    log.child({ userId: 5 }).info('renamed', { user_id: 6 });
    assert.deepEqual(fieldsOf(await lastOf('renamed')), { user_id: 6 });
    log.child({ userId: 7 }).info('renamed');
    assert.deepEqual(fieldsOf(await lastOf('renamed')), { user_id: 7 });
    log.info`renamed ${{ userId: 8 }}`;
    await logging.flush();
    assert.equal(sent.at(-1)?.attributes.user_id, 8);
  });

  test('R12.2 the retention class is that of the event, else of the logger, the level, or the default', async () => {
    const classOf = async (log: () => void, event: string): Promise<unknown> => {
      log();
      return (await lastOf(event)).attributes['log.retention'];
    };
    const pay = getLogger('pay.cards');
    const shop = getLogger('shop');
    assert.equal(await classOf(() => pay.error('order_placed'), 'order_placed'), 'years');
    assert.equal(await classOf(() => pay.error('paid'), 'paid'), 'months');
    assert.equal(await classOf(() => shop.error('failed'), 'failed'), 'weeks');
    assert.equal(await classOf(() => shop.info('done'), 'done'), 'days');
    assert.equal(await classOf(() => shop.info('done', { 'log.retention': 'mine' }), 'done'), 'mine');
  });

  test('R12.2 explain tells the policy and where it came from', () => {
    const rows = new Map(logging.explain().map(({ setting, value, origin }) => [setting, `${value} (${origin})`]));
    assert.equal(rows.get('catalogue'), '4 events (code)');
    assert.equal(rows.get('policy.levels'), 'heartbeat=debug, retried=warn, noise=off (code)');
    assert.equal(rows.get('policy.retention.default'), 'days (code)');
    assert.equal(rows.get('catalogueCheck'), 'report (default)');
  });

  test('R8.1 the ledger adds up', async () => {
    await logging.shutdown();
    assert.equal(logging.ledger().balanced, true);
  });
});

function fieldsOf({ attributes }: Sent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== 'log.retention'));
}
