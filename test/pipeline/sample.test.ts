import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SpanContext, TraceState } from '@opentelemetry/api';
import { createSampler, thresholdOf } from '../../src/pipeline/sample.ts';
import { Dice } from '../support/redaction/dice.ts';

const SEED = 20_261_121;
const HEX = '0123456789abcdef';
const INFO = 9;
const WARN = 13;
const ERROR = 17;

function span(traceId: string, ot?: string): SpanContext {
  const context = { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 };
  return ot === undefined ? context : { ...context, traceState: traceState(ot) };
}

function traceState(ot: string): TraceState {
  const state: TraceState = {
    get: (key) => (key === 'ot' ? ot : undefined),
    set: () => state,
    unset: () => state,
    serialize: () => `vendor=1,ot=${ot}`,
  };
  return state;
}

function traceIds(count: number): string[] {
  const dice = new Dice(SEED);
  return Array.from({ length: count }, () => dice.text(HEX, 32));
}

/** A trace id whose last 56 bits are these 14 digits. */
function withRandomness(digits: string): SpanContext {
  return span(`4bf92f3577b34da6a3${digits}`);
}

describe('the sampler', () => {
  test('R5.1 without a rate below 1 there is nothing to ask', () => {
    for (const options of [{}, { rate: 1 }, { rate: 1, events: { a: 1 } }, { rate: Number.NaN }, { rate: 7 }]) {
      assert.equal(createSampler(options).active, false);
    }
    for (const options of [
      { rate: 0.5 },
      { rate: 0 },
      { levels: { debug: 0.1 } },
      { loggers: { a: 0 } },
      { events: { a: 0.9 } },
    ]) {
      assert.equal(createSampler(options).active, true);
    }
  });

  test('R5.1 the event wins over the logger, the longest prefix over a shorter one, then the level, then the rate', () => {
    const sampler = createSampler({
      rate: 0,
      levels: { WARNING: 1, debug: 0 },
      loggers: { checkout: 0, 'checkout.payments': 1 },
      events: { cache_hit: 0, order_placed: 1 },
    });
    const trace = withRandomness('80000000000000');
    const cases: readonly (readonly [logger: string, severity: number, event: string, keep: boolean])[] = [
      ['checkout', INFO, 'order_placed', true],
      ['checkout.payments', WARN, 'cache_hit', false],
      ['checkout.payments', INFO, '', true],
      ['checkout.payments.card', INFO, 'other', true],
      ['checkout.cart', WARN, '', false],
      ['checkouts', WARN, '', true],
      ['checkouts', INFO, '', false],
      ['other', WARN + 1, '', true],
      ['other', 0, '', false],
    ];
    for (const [logger, severity, event, keep] of cases) {
      assert.equal(sampler.decide(logger, severity, event, trace).keep, keep, `${logger} ${severity} ${event}`);
    }
  });

  test('R5.2 errors are always kept, and say no weight', () => {
    const sampler = createSampler({ rate: 0, levels: { error: 0, fatal: 0 }, events: { failed: 0 } });
    for (const severity of [ERROR, ERROR + 1, 21, 24]) {
      assert.deepEqual(sampler.decide('a', severity, 'failed', undefined), {
        keep: true,
        threshold: '',
        randomness: '',
      });
    }
  });

  test('R5.2 the last 56 bits of the trace id decide, from the threshold on upwards', () => {
    const sampler = createSampler({ rate: 0.25 });
    for (const [digits, keep] of [
      ['c0000000000000', true],
      ['bfffffffffffff', false],
      ['ffffffffffffff', true],
      ['00000000000000', false],
      ['C0000000000000', true],
    ] as const) {
      assert.equal(sampler.decide('a', INFO, '', withRandomness(digits)).keep, keep, digits);
    }
    assert.deepEqual(sampler.decide('a', INFO, '', withRandomness('d0000000000000')), {
      keep: true,
      threshold: 'c',
      randomness: '',
    });
  });

  test('R5.2 two services agree on 10,000 traces, and the lower rate keeps a part of what the higher one keeps', () => {
    const [checkout, payment] = [createSampler({ rate: 0.3 }), createSampler({ rate: 0.3 })];
    const less = createSampler({ loggers: { audit: 0.05 } });
    let kept = 0;
    for (const id of traceIds(10_000)) {
      const decision = checkout.decide('checkout', INFO, '', span(id));
      assert.equal(payment.decide('payment', WARN, 'charged', span(id)).keep, decision.keep);
      if (less.decide('audit', INFO, '', span(id)).keep) assert.ok(decision.keep);
      if (decision.keep) kept++;
    }
    assert.ok(Math.abs(kept - 3_000) < 4 * Math.sqrt(10_000 * 0.3 * 0.7), `${kept} of 10,000`);
  });

  test('R5.2 randomness in the tracestate wins over the trace id, and is passed on', () => {
    const sampler = createSampler({ rate: 0.5 });
    const low = '4bf92f3577b34da6a300000000000000';
    const high = '4bf92f3577b34da6a3ffffffffffffff';
    assert.deepEqual(sampler.decide('a', INFO, '', span(low, 'th:8;rv:9abcdef0123456')), {
      keep: true,
      threshold: '8',
      randomness: '9abcdef0123456',
    });
    assert.equal(sampler.decide('a', INFO, '', span(high, 'rv:7fffffffffffff')).keep, false);
    for (const malformed of ['rv:9abc', 'th:8', 'rv:9abcdef012345678', 'xrv:00000000000000']) {
      assert.equal(sampler.decide('a', INFO, '', span(high, malformed)).keep, true, malformed);
    }
  });

  test('R5.1 a record outside of a trace draws its randomness and carries it', () => {
    const dice = new Dice(SEED);
    const sampler = createSampler({ rate: 0.1 }, () => dice.next());
    let kept = 0;
    for (let i = 0; i < 20_000; i++) {
      const invalid = i % 2 === 0 ? undefined : span('0'.repeat(32));
      const decision = sampler.decide('a', INFO, '', invalid);
      if (!decision.keep) continue;
      kept++;
      assert.equal(decision.threshold, 'e666');
      assert.match(decision.randomness, /^[0-9a-f]{14}$/);
      assert.ok(decision.randomness >= 'e666');
    }
    assert.ok(Math.abs(kept - 2_000) < 4 * Math.sqrt(20_000 * 0.1 * 0.9), `${kept} of 20,000`);
  });

  test('R5.1 the edges of the drawn randomness are judged exactly', () => {
    const draw = (high: number, low: number) => {
      const values = [high / 2 ** 28, low / 2 ** 28];
      return createSampler({ rate: 0.5 }, () => values.shift() ?? 0).decide('a', INFO, '', undefined);
    };
    assert.equal(draw(0x8000000, 0).randomness, '80000000000000');
    assert.equal(draw(0x7ffffff, 0xfffffff).keep, false);
  });

  test('R5.1 thresholds have the digits that the Collector gives them', () => {
    const table: readonly (readonly [share: number, threshold: string | undefined])[] = [
      [1, ''],
      [0.5, '8'],
      [0.25, 'c'],
      [0.1, 'e666'],
      [0.01, 'fd70a'],
      [0.001, 'ffbe77'],
      [0.9, '199a'],
      [0.999, '004189'],
      [2 ** -56, 'ffffffffffffff'],
      [2 ** -57, undefined],
      [0, undefined],
      [-1, ''],
      [Number.NaN, ''],
    ];
    for (const [share, threshold] of table) assert.equal(thresholdOf(share), threshold, String(share));
  });
});
