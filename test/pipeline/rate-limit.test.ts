import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AuditRules } from '../../src/core/audit-rules.ts';
import { severityText } from '../../src/core/level.ts';
import { attributeOf } from '../../src/core/record.ts';
import { OWN_SCOPE } from '../support/recording-hub.ts';
import { assertAccounted, createVolumeHub } from '../support/volume-hub.ts';

const LIMITED = 'spanlog.records_limited';

describe('R5.3 the rate limit', () => {
  test('R5.3 a burst passes, then as many as the rate allows; one summary says what was held back', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '10/s burst 5' } });
    const log = hub.hub.getLogger('shop');
    const firstMs = hub.time.wallMs();
    for (let i = 0; i < 100; i++) log.info('cache_miss', { i });
    assert.equal(hub.of('cache_miss').length, 5);
    hub.time.pass(1_000);
    for (let i = 0; i < 100; i++) log.debug('cache_miss', { i });
    for (let i = 0; i < 100; i++) log.warn('cache_miss', { i });
    assert.equal(hub.of('cache_miss').length, 10);
    assert.deepEqual(hub.of(LIMITED), []);

    hub.time.pass(9_000);
    const [summary, ...more] = hub.of(LIMITED);
    assert.deepEqual(more, []);
    assert.equal(summary?.body, 'held back 95 INFO, 95 WARN of cache_miss from shop: more than 10/s burst 5');
    assert.equal(severityText(summary.severity), 'WARN');
    assert.equal(summary.scope.name, 'spanlog');
    assert.deepEqual(JSON.parse(JSON.stringify(hub.attributes(-1))), {
      event: 'cache_miss',
      logger: 'shop',
      reason: 'rate_limit',
      limit: '10/s burst 5',
      count: 190,
      levels: { info: 95, warn: 95 },
      first_at: new Date(firstMs).toISOString(),
      last_at: new Date(firstMs + 1_000).toISOString(),
    });
    assert.equal(hub.account.limited, 190);
    assertAccounted(hub);
  });

  test('R5.3 while a flood lasts there is one summary every ten seconds, and one timer', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '1/h' } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 1_000; i++) {
      log.info('tick');
      assert.ok(hub.time.timers <= 1);
      hub.time.pass(35);
    }
    const counts = hub.of(LIMITED).map((record) => Number(attributeOf(record, 'count')));
    assert.equal(counts.length, 3);
    hub.pipeline.tellHeld(false);
    const told = hub.of(LIMITED).map((record) => Number(attributeOf(record, 'count')));
    assert.equal(
      told.reduce((sum, count) => sum + count, 0),
      999,
    );
    assertAccounted(hub);
  });

  test('R5.3 in the long run exactly the rate passes', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '100/s burst 1' } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 3_000; i++) {
      log.info('tick');
      hub.time.pass(10 / 3);
    }
    assert.equal(hub.of('tick').length, 1_000);
    assertAccounted(hub);
  });

  test('R5.3 each event of each logger has a limit of its own; messages share one by logger and level', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '1/min' } });
    const [shop, cart] = [hub.hub.getLogger('shop'), hub.hub.getLogger('cart')];
    for (let i = 0; i < 3; i++) {
      shop.info('a');
      shop.info('b');
      cart.info('a');
      shop.info(`order ${i} is late`);
      shop.warn(`order ${i} is late`);
      shop.info`order ${i} is early`;
      shop.child({ bound: i }).info('a');
    }
    assert.deepEqual(hub.told(), ['a', 'b', 'a', 'order 0 is late', 'order 0 is late']);
    hub.time.pass(10_000);
    const texts = hub.of(LIMITED).map(({ body }) => body);
    assert.deepEqual(texts, [
      'held back 5 INFO messages from shop: more than 1/min',
      'held back 5 INFO of a from shop: more than 1/min',
      'held back 2 INFO of b from shop: more than 1/min',
      'held back 2 INFO of a from cart: more than 1/min',
      'held back 2 WARN messages from shop: more than 1/min',
    ]);
    assertAccounted(hub);
  });

  test('R5.3 the event wins over the logger, the longest prefix over a shorter one, then the rate; off is no limit', () => {
    const hub = createVolumeHub({
      rateLimit: {
        rate: '3/min',
        loggers: { shop: '2/min', 'shop.cart': 'off' },
        events: { rare: '1/min', free: 'off' },
      },
    });
    const passed = (logger: string, event: string): number => {
      const before = hub.records.length;
      for (let i = 0; i < 5; i++) hub.hub.getLogger(logger).info(event);
      return hub.records.length - before;
    };
    assert.equal(passed('other', 'a'), 3);
    assert.equal(passed('shop', 'a'), 2);
    assert.equal(passed('shop.list', 'a'), 2);
    assert.equal(passed('shop.cart.items', 'a'), 5);
    assert.equal(passed('shop.cart', 'rare'), 1);
    assert.equal(passed('other', 'free'), 5);
    assertAccounted(hub);
  });

  test('R5.3 a storm of errors is limited, and its summary is as loud; FATAL always passes', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '2/h' } });
    const log = hub.hub.getLogger('db');
    for (let i = 0; i < 50; i++) log.error('connect_failed', new Error('refused'));
    for (let i = 0; i < 50; i++) log.fatal('connect_failed');
    hub.time.pass(10_000);
    assert.equal(hub.of('connect_failed').length, 52);
    const [summary] = hub.of(LIMITED);
    assert.equal(severityText(summary?.severity ?? 0), 'ERROR');
    assertAccounted(hub);
  });

  test('R5.3 what is held back is never read', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '0/s' } });
    let read = 0;
    hub.hub.getLogger('shop').info('quiet', () => ({ read: read++ }));
    assert.equal(read, 0);
    assert.equal(hub.account.limited, 1);
    assertAccounted(hub);
  });

  test('R5.3 the summary passes sampling and limits', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '0/s' } }, { sample: { levels: { warn: 0 } } });
    hub.hub.getLogger('shop').info('quiet');
    hub.pipeline.tellHeld(false);
    assert.deepEqual(hub.told(), [LIMITED]);
    assertAccounted(hub);
  });

  test('R5.3 R8.1 nor do they touch what the hub logs of our own, such as drops', () => {
    const options = { rateLimit: { rate: '1/h' }, dedupe: true } as const;
    const hub = createVolumeHub(options, { sample: { rate: 0 } });
    const dropped = { eventName: 'spanlog.records_dropped', severity: 13, severityText: '', body: 'dropped 3' };
    for (let i = 0; i < 3; i++) {
      hub.hub.emit(OWN_SCOPE, { ...dropped, attributes: {}, error: undefined, time: undefined, span: undefined });
    }
    assert.equal(hub.records.length, 3);
    assertAccounted(hub);
  });

  test('R5.3 sampling comes first: what it leaves out uses up no limit', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '1/h' } }, { sample: { events: { a: 0 } } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 10; i++) log.info('a');
    assert.deepEqual([hub.account.sampledOut, hub.account.limited], [10, 0]);
    assertAccounted(hub);
  });

  test('R5.3 what is held back is told at once when there may be no later, and after the last time all pass', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '1/h' } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 3; i++) log.info('a');
    hub.pipeline.tellHeld(false);
    assert.deepEqual(hub.told(), ['a', LIMITED]);
    hub.pipeline.tellHeld(false);
    hub.time.pass(60_000);
    assert.equal(hub.records.length, 2, 'nothing is told twice');
    log.info('a');
    hub.pipeline.tellHeld(true);
    log.info('a');
    assert.deepEqual(hub.told(), ['a', LIMITED, LIMITED, 'a']);
    assert.equal(hub.time.timers, 0);
    assertAccounted(hub);
  });

  test('R5.3 events that are made of data share a limit once the table is full, and find a place when others are idle', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '1/s', maxKeys: 3 } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 10; i++) log.info(`user_${i}`);
    assert.deepEqual(hub.told(), ['user_0', 'user_1', 'user_2', 'user_3']);
    hub.time.pass(10_000);
    assert.equal(
      hub.of(LIMITED)[0]?.body,
      'held back 6 INFO messages from events that are too many to be limited one by one: more than 1/s',
    );
    hub.time.pass(10_000);
    const before = hub.records.length;
    for (let i = 0; i < 2; i++) log.info('late');
    assert.equal(hub.records.length - before, 1);
    hub.time.pass(10_000);
    assert.equal(hub.attributes(-1).event, 'late');
    assertAccounted(hub);
  });

  test('R5.3 an event that the settings name keeps its own limit while data fills the table', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '1/s', maxKeys: 3, events: { order_placed: '5/s' } } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 10; i++) log.info(`user_${i}`);
    for (let i = 0; i < 8; i++) log.info('order_placed');
    assert.equal(hub.of('order_placed').length, 5);
    hub.pipeline.tellHeld(true);
    assert.deepEqual(hub.attributes(-1).event, 'order_placed');
    assertAccounted(hub);
  });

  test('R4.4 R5.3 neither table nor summary holds a text that redaction would hide', () => {
    const hub = createVolumeHub({ rateLimit: { rate: '1/h' } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 3; i++) log.info('AKIAIOSFODNN7EXAMPLE');
    for (let i = 0; i < 3; i++) log.info('bob@example.com is late');
    hub.pipeline.tellHeld(true);
    assert.doesNotMatch(JSON.stringify(hub.records), /AKIAIOSF|bob@/);
    assert.equal(hub.of(LIMITED)[0]?.body, 'held back 5 INFO messages from shop: more than 1/h');
    assertAccounted(hub);
  });

  test('R12.2 R5.3 audit records pass every limit', () => {
    const audit = new AuditRules(['role_granted'], []);
    const hub = createVolumeHub({ rateLimit: { rate: '0/s' }, dedupe: true }, { audit });
    for (let i = 0; i < 3; i++) hub.hub.getLogger('shop').info('role_granted', { role: 'admin' });
    assert.equal(hub.records.length, 3);
    assertAccounted(hub);
  });
});
