import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertInSpan, runBridge, runWithout, saidBy, stable, textOf, withBody } from './run-bridge.ts';
import { assertForms, assertNoSecrets } from './value-forms.ts';

/**
 * instrumentation-pino reads the line that pino has written, so what reaches us is what JSON could hold: the forms
 * below are pino's, and the same on its stdout.
 */
const BY_JSON = {
  big: undefined,
  huge: undefined,
  nested: undefined,
  throwing: undefined,
  missing: undefined,
  symbol: undefined,
  fn: undefined,
  negativeZero: 0n,
  notANumber: null,
  infinite: null,
  invalidDate: null,
  map: {},
  set: {},
  regexp: {},
  bytes: { 0: 1n, 1: 2n, 2: 255n },
};

describe('R3.7 pino with instrumentation-pino is served', () => {
  test('each line arrives once, in its trace and redacted, and stdout shows what it showed', async (t) => {
    const [run, without] = await Promise.all([runBridge(t, 'pino'), runWithout('pino')]);
    const { records, wire } = run;
    assert.equal(records.length, 7);
    assertNoSecrets(wire);
    for (const record of records) {
      assert.equal(record.scope, '@opentelemetry/instrumentation-pino');
      assert.equal(record.attributes.app, 'shop');
      assertInSpan(record, run);
    }
    assertForms(withBody(records, 'every value').attributes, BY_JSON);
    assert.equal(withBody(records, 'from a child').attributes.component, 'cart');

    assert.equal(stable(run.end.stdout), stable(without.stdout), 'R1.5 pino writes what it wrote');
    assert.equal(run.end.stderr, '');
  });

  test('the time of the line is kept', async (t) => {
    const { end, records } = await runBridge(t, 'pino');
    const lines = saidBy(end).filter(({ time }) => time !== undefined);
    assert.deepEqual(
      records.map(({ timeUnixNano }) => timeUnixNano),
      lines.map(({ time }) => BigInt(time as number) * 1_000_000n),
    );
  });

  test('a serialised error arrives with its class, message and stack', async (t) => {
    const { records } = await runBridge(t, 'pino');
    const { attributes, severityNumber } = withBody(records, 'failed');
    assert.equal(severityNumber, 17);
    assert.equal(attributes['exception.type'], 'PaymentError');
    assert.equal(attributes['exception.code'], 'E_DECLINED');
    assert.match(textOf(attributes['exception.message']), /^the gateway said no/);
    assert.match(textOf(attributes['exception.stacktrace']), /caused by: AggregateError: both tries failed/);
  });

  test('levels keep their text, custom ones have a severity', async (t) => {
    const { records } = await runBridge(t, 'pino');
    const levels = ['at trace', 'at notice', 'at audit'].map((body) => withBody(records, body));
    assert.deepEqual(
      levels.map(({ severityText, severityNumber }) => [severityText, severityNumber]),
      [
        ['trace', 1],
        ['notice', 11],
        ['audit', 24],
      ],
    );
  });
});
