import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertInSpan, runBridge, runWithout, stable, textOf, withBody } from './run-bridge.ts';
import { assertForms, assertNoSecrets } from './value-forms.ts';

describe('R3.7 winston with @opentelemetry/winston-transport is served', () => {
  test('each record arrives once, whole, in its trace and redacted, and the console shows what it showed', async (t) => {
    const [run, without] = await Promise.all([runBridge(t, 'winston'), runWithout('winston')]);
    const { records, wire } = run;
    assert.equal(records.length, 14);
    assertNoSecrets(wire);
    for (const record of records) {
      assert.equal(record.scope, '@opentelemetry/winston-transport');
      assertInSpan(record, run);
    }
    // Taken out of the application's values: winston itself ends the process on a getter that throws.
    assertForms(withBody(records, 'every value').attributes, { throwing: undefined });
    assert.match(withBody(records, 'paid with [REDACTED:card]').severityText, /^info$/);

    assert.equal(stable(run.end.stdout), stable(without.stdout), 'R1.5 the console transport is left as it was');
    assert.equal(run.end.stderr, '');
  });

  test('errors arrive as exceptions, and other metadata with a name or a code does not', async (t) => {
    const { records } = await runBridge(t, 'winston');
    for (const body of ['failed', 'plain error the gateway said no']) {
      const { attributes } = withBody(records, body);
      assert.equal(attributes['exception.type'], 'PaymentError');
      assert.equal(attributes['exception.message'], 'the gateway said no');
      assert.match(
        textOf(attributes['exception.stacktrace']),
        /Caused by: AggregateError[^]+One of 2: TypeError: first try/,
      );
    }
    assert.deepEqual(withBody(records, 'created').attributes, { name: 'bob', code: 7n });
    assert.deepEqual(withBody(records, 'odd error').attributes, {
      exception: { code: 5n, detail: { retry: true } },
    });
  });

  test('levels keep their text, and custom ones have the severity that their name means', async (t) => {
    const { records } = await runBridge(t, 'winston');
    const levels = records
      .filter(({ body }) => /^(?:npm|custom) /.test(textOf(body)))
      .map(({ severityText, severityNumber }) => [severityText, severityNumber]);
    assert.deepEqual(levels, [
      ['silly', 1],
      ['debug', 5],
      ['verbose', 6],
      ['http', 7],
      ['warn', 13],
      ['emerg', 23],
      // Nobody knows what this one means: it is left unspecified, which every filter reads as INFO.
      ['audit', 0],
      ['notice', 10],
    ]);
  });
});
