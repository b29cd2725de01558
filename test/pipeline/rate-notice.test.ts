import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SEVERITY } from '../../src/core/level.ts';
import type { Recorder } from '../../src/core/recorder.ts';
import { assertAccounted, createVolumeHub } from '../support/volume-hub.ts';

const HIGH = 'spanlog.event_rate_high';

const FOREIGN = {
  ...{ eventName: '', severity: SEVERITY.debug, severityText: '', body: undefined, attributes: undefined },
  ...{ error: undefined, time: undefined, span: undefined },
};

/** Takes DEBUG, everywhere, and keeps none of it. */
const FORGETFUL: Recorder = {
  level: SEVERITY.debug,
  pending: 0,
  begin: () => ({ startedMs: 0 }),
  finish: () => undefined,
  leave: () => undefined,
  covers: () => true,
  hold: () => undefined,
  release: () => undefined,
  releaseAll: () => undefined,
  spanEnded: () => undefined,
  end: () => undefined,
};

describe('R5.3 the notice of events that are logged too often', () => {
  test('R5.3 by default more than 1,000 a minute are told of once, and nothing is held back', () => {
    const hub = createVolumeHub({});
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 1_000; i++) log.info('cache_miss', { i });
    assert.deepEqual(hub.of(HIGH), []);
    hub.time.pass(2_500);
    for (let i = 0; i < 9_000; i++) log.info('cache_miss', { i });
    assert.equal(hub.of('cache_miss').length, 10_000);
    const [notice, ...more] = hub.of(HIGH);
    assert.deepEqual(more, []);
    assert.equal(notice?.body, 'cache_miss was logged 1,001 times in 2.5 s');
    assert.deepEqual([notice.severity, notice.scope.name], [13, 'spanlog']);
    const { fix, ...attributes } = hub.attributes(hub.records.indexOf(notice));
    assert.deepEqual(attributes, { event: 'cache_miss', logger: 'shop', count: 1_001, seconds: 2.5 });
    assert.match(String(fix), /sample\.events.*rateLimit\.events.*rateLimit\.noticePerMinute/);
    assertAccounted(hub);
  });

  test('R5.3 it comes again after an hour, if the rate is still too high', () => {
    const hub = createVolumeHub({ rateLimit: { noticePerMinute: 100 } });
    const log = hub.hub.getLogger('shop');
    const minute = (): void => {
      for (let i = 0; i < 240; i++) {
        log.info('cache_miss');
        hub.time.pass(250);
      }
    };
    for (let i = 0; i < 59; i++) minute();
    assert.equal(hub.of(HIGH).length, 1);
    for (let i = 0; i < 2; i++) minute();
    assert.equal(hub.of(HIGH).length, 2);
    assertAccounted(hub);
  });

  test('R5.3 R5.5 what the flight recorder holds is not logged, and not counted', () => {
    const hub = createVolumeHub({ rateLimit: { noticePerMinute: 100 } });
    hub.hub.useRecorder(FORGETFUL);
    const log = hub.hub.getLogger('shop');
    const scope = hub.hub.createScope('lib');
    for (let i = 0; i < 1_000; i++) {
      log.debug('cache_miss');
      hub.hub.emit(scope, { ...FOREIGN, eventName: 'row_read' }, true);
    }
    assert.deepEqual(hub.told(), []);
    for (let i = 0; i < 90; i++) log.info('cache_miss');
    assert.deepEqual(hub.of(HIGH), []);
    assertAccounted(hub);
  });

  test('R5.3 an event at its rate is not told of, nor are several that are too many together', () => {
    const hub = createVolumeHub({ rateLimit: { noticePerMinute: 100 } });
    const log = hub.hub.getLogger('shop');
    for (let i = 0; i < 2_000; i++) {
      log.info('steady');
      log.info('other');
      hub.time.pass(600);
    }
    assert.deepEqual(hub.of(HIGH), []);
  });

  test('R5.3 events of OTel loggers are counted as well; 0 and false switch it off', () => {
    for (const [noticePerMinute, notices] of [
      [100, 1],
      [0, 0],
      [false, 0],
    ] as const) {
      const hub = createVolumeHub({ rateLimit: { noticePerMinute } });
      const scope = hub.hub.createScope('lib');
      for (let i = 0; i < 300; i++) {
        hub.hub.emit(scope, {
          eventName: 'poll',
          severity: 9,
          severityText: '',
          body: undefined,
          attributes: { i },
          error: undefined,
          time: undefined,
          span: undefined,
        });
      }
      assert.equal(hub.of('poll').length, 300);
      assert.equal(hub.of(HIGH).length, notices);
      assertAccounted(hub);
    }
  });
});
