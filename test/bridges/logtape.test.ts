import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertInSpan, runBridge, runWithout, stable, textOf, withBody } from './run-bridge.ts';
import { assertForms, assertNoSecrets } from './value-forms.ts';

/** The sink renders objects by `inspect`, leaves out nulls and what it has met before; the forms below are its own. */
const BY_SINK = {
  big: '9007199254740993',
  nothing: undefined,
  missing: undefined,
  invalidDate: undefined,
  throwing: undefined,
  map: "Map(2) { 'a' => 1, 2 => 'two' }",
  set: "Set(2) { 'x', 1 }",
  bytes: 'Uint8Array(3) [ 1, 2, 255 ]',
  money: "Money { amount: 12, currency: 'EUR' }",
  fn: 'function named() {\n      return undefined;\n    }',
  cycle: { name: 'loop' },
  shared: [{ seen: 'twice' }],
  nested: { deep: { deeper: { date: '1970-01-01T00:00:00.000Z', big: '5' } } },
};

describe('R3.7 LogTape with @logtape/otel is served', () => {
  test('each record arrives once, in its trace and redacted, and the console shows what it showed', async (t) => {
    const [run, without] = await Promise.all([runBridge(t, 'logtape'), runWithout('logtape')]);
    const { records, wire } = run;
    assert.equal(records.length, 8);
    assertNoSecrets(wire);
    for (const record of records) {
      assert.equal(record.scope, '@logtape/otel');
      assert.deepEqual(record.attributes.category, ['shop', 'cart']);
      assertInSpan(record, run);
    }
    assertForms(withBody(records, 'every value').attributes, BY_SINK);
    const { attributes } = withBody(records, 'failed');
    assert.equal(attributes['exception.type'], 'PaymentError');
    assert.match(textOf(attributes['exception.stacktrace']), /^PaymentError: the gateway said no\n +at /);

    assert.equal(stable(run.end.stdout), stable(without.stdout), 'R1.5 the console sink is left as it was');
    assert.equal(stable(run.end.stderr), stable(without.stderr));
  });

  test('levels and times are those of the record', async (t) => {
    const beforeMs = Date.now();
    const { records } = await runBridge(t, 'logtape');
    const levels = records.filter(({ body }) => textOf(body).startsWith('at '));
    assert.deepEqual(
      levels.map(({ severityText, severityNumber }) => [severityText, severityNumber]),
      [
        ['trace', 1],
        ['debug', 5],
        ['warning', 13],
        ['fatal', 21],
      ],
    );
    for (const { timeUnixNano } of levels) {
      assert.equal(timeUnixNano % 1_000_000n, 0n, 'LogTape counts milliseconds');
      assert.ok(timeUnixNano >= BigInt(beforeMs) * 1_000_000n);
    }
  });
});
