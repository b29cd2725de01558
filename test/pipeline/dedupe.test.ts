import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pii } from '../../src/core/classified.ts';
import { nanosText } from '../../src/core/clock.ts';
import { RecordUids } from '../../src/core/record-uid.ts';
import type { Logger } from '../../src/logger/logger.ts';
import { assertAccounted, createVolumeHub } from '../support/volume-hub.ts';
import type { VolumeHub } from '../support/volume-hub.ts';

/** What each record of that event stands for, in order: 1 for one of the application's own. */
function counts(hub: VolumeHub, event: string): unknown[] {
  return hub.of(event).map((record) => hub.attributes(hub.records.indexOf(record)).log_count ?? 1);
}

describe('R5.4 dedupe', () => {
  test('R5.4 repeats collapse to one record with their count, first and last time', () => {
    const hub = createVolumeHub({ dedupe: true });
    const log = hub.hub.getLogger('db');
    const startMs = hub.time.wallMs();
    for (let i = 0; i < 5; i++) {
      log.warn('connect_failed', { host: 'db-1', duration_ms: i * 10 });
      hub.time.pass(1_000);
    }
    assert.deepEqual(counts(hub, 'connect_failed'), [1]);
    hub.time.pass(5_000);
    assert.deepEqual(counts(hub, 'connect_failed'), [1, 4]);
    assert.deepEqual(hub.attributes(-1), {
      host: 'db-1',
      duration_ms: 40,
      log_count: 4,
      first_observed_timestamp: new Date(startMs + 1_000).toISOString(),
      last_observed_timestamp: new Date(startMs + 4_000).toISOString(),
      'spanlog.summary': 'repeats',
    });
    const summary = hub.records[1];
    assert.deepEqual([summary?.severity, summary?.scope.name, summary?.body], [13, 'db', 'connect_failed']);
    assert.equal(summary?.time.seconds, Math.floor((startMs + 4_000) / 1_000), 'its time is that of the last');
    assert.equal(summary.observed.seconds, Math.floor((startMs + 10_000) / 1_000));
    assert.equal(hub.account.deduplicated, 4);
    assertAccounted(hub);
  });

  test('R5.4 the window ends with its time: the next one passes at once, and opens another', () => {
    const hub = createVolumeHub({ dedupe: { windowMs: 1_000 } });
    const log = hub.hub.getLogger('db');
    for (let i = 0; i < 40; i++) {
      log.info('tick');
      hub.time.pass(100);
    }
    assert.deepEqual(counts(hub, 'tick'), [1, 9, 1, 9, 1, 9, 1, 9]);
    assert.equal(hub.time.timers, 0);
    assertAccounted(hub);
  });

  test('R5.4 a wall clock that is set back or forward moves no window', () => {
    for (const byMs of [-3_600_000, 3_600_000]) {
      const hub = createVolumeHub({ dedupe: { windowMs: 1_000 } });
      const log = hub.hub.getLogger('db');
      for (let i = 0; i < 20; i++) {
        if (i === 5) hub.time.setWall(byMs);
        log.info('tick');
        hub.time.pass(100);
      }
      assert.deepEqual(counts(hub, 'tick'), [1, 9, 1, 9]);
      assertAccounted(hub);
    }
  });

  test('R5.4 the counts restore how often each was logged', () => {
    const hub = createVolumeHub({ dedupe: { windowMs: 500, maxKeys: 2 } });
    const log = hub.hub.getLogger('db');
    const logged = { a: 0, b: 0, c: 0, d: 0 };
    for (let i = 0; i < 1_000; i++) {
      const event = (['a', 'b', 'c', 'd'] as const)[(i * i + (i >> 3)) % 4] ?? 'a';
      log.info(event);
      logged[event]++;
      hub.time.pass(i % 7);
    }
    hub.pipeline.tellHeld(true);
    for (const [event, count] of Object.entries(logged)) {
      const restored = counts(hub, event).reduce<number>((sum, of) => sum + Number(of), 0);
      assert.equal(restored, count, event);
    }
    assert.ok(hub.account.deduplicated > 100);
    assertAccounted(hub);
  });

  type Call = (log: Logger, hub: VolumeHub['hub']) => void;
  const DIFFERENT: readonly (readonly [what: string, first: Call, second: Call])[] = [
    ['the level', (log) => log.info('a', { n: 1 }), (log) => log.warn('a', { n: 1 })],
    ['the event', (log) => log.info('a'), (log) => log.info('b')],
    ['the message', (log) => log.info('one of 1'), (log) => log.info('one of 2')],
    ['a field', (log) => log.info('a', { n: 1 }), (log) => log.info('a', { n: 2 })],
    ['the type of a field', (log) => log.info('a', { n: 1 }), (log) => log.info('a', { n: '1' })],
    ['null and its text', (log) => log.info('a', { n: null }), (log) => log.info('a', { n: 'null' })],
    ['what is nested', (log) => log.info('a', { n: { m: [1, 2] } }), (log) => log.info('a', { n: { m: [1, 3] } })],
    ['where an array ends', (log) => log.info('a', { n: [[1], 2] }), (log) => log.info('a', { n: [[1, 2]] })],
    ['bytes', (log) => log.info('a', { n: Buffer.from([1]) }), (log) => log.info('a', { n: Buffer.from([2]) })],
    ['a name and its value', (log) => log.info('a', { ab: 'c' }), (log) => log.info('a', { a: 'bc' })],
    ['the error', (log) => log.error('a', new Error('x')), (log) => log.error('a', new Error('y'))],
    [
      'the class of the error',
      (log) => log.error('a', new TypeError('x')),
      (log) => log.error('a', new RangeError('x')),
    ],
    ['the logger', (log) => log.info('a'), (_log, hub) => hub.getLogger('other').info('a')],
  ];
  for (const [what, first, second] of DIFFERENT) {
    test(`R5.4 records that differ in ${what} are no repeats`, () => {
      const hub = createVolumeHub({ dedupe: true });
      for (const call of [first, second]) call(hub.hub.getLogger('db'), hub.hub);
      assert.equal(hub.records.length, 2);
      assertAccounted(hub);
    });
  }

  test('R5.4 context, child and what was told to be ignored do not count; the summary has those of the last', () => {
    const hub = createVolumeHub({ dedupe: { ignore: ['attempt'] } });
    const log = hub.hub.getLogger('db');
    for (let i = 0; i < 3; i++) {
      hub.hub.context.run(hub.pipeline, { request_id: `r-${i}` }, () =>
        log.child({ shard: i }).warn('retry', { attempt: i, host: 'a' }),
      );
    }
    hub.pipeline.tellHeld(false);
    assert.deepEqual(counts(hub, 'retry'), [1, 2]);
    const { request_id, shard, attempt } = hub.attributes(-1);
    assert.deepEqual({ request_id, shard, attempt }, { request_id: 'r-2', shard: 2, attempt: 2 });
    assertAccounted(hub);
  });

  test('R5.4 FATAL is never held back', () => {
    const hub = createVolumeHub({ dedupe: true });
    for (let i = 0; i < 3; i++) hub.hub.getLogger('db').fatal('gone');
    assert.equal(hub.records.length, 3);
    assertAccounted(hub);
  });

  test('R5.4 R6.2 an error whose record was held back is told of with its stack where it is told of', () => {
    const hub = createVolumeHub({ dedupe: true }, { expectedErrors: [] });
    const log = hub.hub.getLogger('db');
    const fail = (): Error => new Error('refused');
    const [first, second] = [fail(), fail()];
    log.error('connect_failed', first);
    log.error('connect_failed', second);
    log.error('request_failed', second);
    assert.match(
      String(hub.attributes(-1)['exception.stacktrace']),
      /refused/,
      'nobody has seen the stack of the second',
    );
    log.error('order_failed', first);
    assert.equal(hub.attributes(-1)['exception.stacktrace'], undefined);
    assert.equal(hub.attributes(-1)['exception.first_event'], 'connect_failed');
    hub.pipeline.tellHeld(true);
    assert.match(String(hub.attributes(-1)['exception.stacktrace']), /refused/);
    assertAccounted(hub);
  });

  test('R5.4 the same error logged time and again by one call is a repeat, with its stack and without', () => {
    const hub = createVolumeHub({ dedupe: true }, { expectedErrors: [] });
    const error = new Error('refused');
    for (let i = 0; i < 3; i++) hub.hub.getLogger('db').error('connect_failed', error);
    hub.pipeline.tellHeld(true);
    assert.deepEqual(counts(hub, 'connect_failed'), [1, 2]);
    assertAccounted(hub);
  });

  test('R5.4 too many at once: the oldest window goes first, and is told of', () => {
    const hub = createVolumeHub({ dedupe: { maxKeys: 2 } });
    const log = hub.hub.getLogger('db');
    for (const event of ['a', 'a', 'b', 'b', 'b', 'c', 'a']) log.info(event);
    assert.deepEqual(hub.told(), ['a', 'b', 'c', 'a', 'a', 'b']);
    assert.deepEqual(
      [counts(hub, 'a'), counts(hub, 'b')],
      [
        [1, 1, 1],
        [1, 2],
      ],
    );
    assertAccounted(hub);
  });

  test('R5.4 what is kept is bounded in bytes: large repeats push out the oldest', () => {
    const hub = createVolumeHub({ dedupe: { maxBytes: 100_000 } });
    const log = hub.hub.getLogger('db');
    const text = 'x'.repeat(3_000);
    for (let i = 0; i < 100; i++) for (let j = 0; j < 2; j++) log.info('large', { i, text });
    assert.ok(hub.of('large').length > 180, `${hub.of('large').length} told: those that fit no more`);
    hub.pipeline.tellHeld(true);
    assert.equal(hub.account.deduplicated, 100);
    assert.equal(hub.of('large').length, 200);
    assertAccounted(hub);
  });

  test('R5.4 a record that is very large is no line that repeats', () => {
    const hub = createVolumeHub({ dedupe: true });
    for (let i = 0; i < 2; i++) hub.hub.getLogger('db').info('huge', { text: 'x'.repeat(20_000) });
    assert.equal(hub.records.length, 2);
    assertAccounted(hub);
  });

  test('R2.6 R5.4 times rise in the order of what is sent, summaries among them', () => {
    const hub = createVolumeHub({
      dedupe: { windowMs: 200, maxKeys: 30 },
      rateLimit: { rate: '50/s burst 9', summaryMs: 20 },
    });
    const log = hub.hub.getLogger('db');
    for (let i = 0; i < 2_000; i++) {
      log.info(`event_${i % 5}`, { part: (i >> 2) % 3 });
      if (i % 3 === 0) hub.time.pass(1);
    }
    hub.pipeline.tellHeld(true);
    const times = hub.records.map(({ observed }) => BigInt(nanosText(observed)));
    assert.ok(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0n)));
    assert.ok(hub.account.deduplicated > 0 && hub.account.limited > 0);
    assertAccounted(hub);
  });

  test('R5.4 with ids, each record has its own; a field by the name of ours gives way in the summary', () => {
    const hub = createVolumeHub({ dedupe: true }, { uids: new RecordUids() });
    for (let i = 0; i < 3; i++) hub.hub.getLogger('db').info('a', { log_count: 7 });
    hub.pipeline.tellHeld(true);
    const [first, summary] = [hub.attributes(0), hub.attributes(1)];
    assert.deepEqual([first.log_count, summary.log_count], [7, 2]);
    assert.notEqual(first['log.record.uid'], summary['log.record.uid']);
    assertAccounted(hub);
  });

  test('R4.4 R5.4 what is compared and kept is redacted', () => {
    const hub = createVolumeHub({ dedupe: true });
    const log = hub.hub.getLogger('db');
    for (const user of ['bobby', 'eveline']) log.info('login', { mail: `${user}@example.com`, name: pii(user) });
    hub.pipeline.tellHeld(true);
    assert.deepEqual(counts(hub, 'login'), [1, 1], 'both look alike to whoever reads them');
    assert.doesNotMatch(JSON.stringify(hub.records), /bobby|eveline/);
    assertAccounted(hub);
  });

  test('R5.1 R5.4 the summary of a sampled event has its threshold too', () => {
    const hub = createVolumeHub({ dedupe: true }, { sample: { rate: 0.999 } });
    for (let i = 0; i < 50; i++) hub.hub.getLogger('db').info('a');
    hub.pipeline.tellHeld(true);
    assert.equal(hub.attributes(-1)['sampling.threshold'], '004189');
    assertAccounted(hub);
  });
});
