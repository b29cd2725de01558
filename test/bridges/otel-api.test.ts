import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertInSpan, runBridge, withBody } from './run-bridge.ts';
import type { Arrived } from './run-bridge.ts';
import { assertForms, assertNoSecrets } from './value-forms.ts';

for (const which of ['api', 'api-logs']) {
  describe(`R3.7 users of the Logs API of @opentelemetry/${which} are served`, () => {
    test('each record arrives once, whole, in its trace and redacted', async (t) => {
      const startNanos = BigInt(Date.now()) * 1_000_000n;
      const run = await runBridge(t, 'otel-api', { args: [which] });
      const { records, wire } = run;
      assert.equal(records.length, 14);
      assertNoSecrets(wire);
      const every = withBody(records, 'every value');
      assertForms(every.attributes);
      assert.deepEqual([every.scope, every.scopeVersion], ['plain', '1.2.3']);
      assert.deepEqual([every.severityNumber, every.severityText], [9, 'INFO']);
      assertInSpan(every, run);

      // Pain: bodies that are objects arrive as `{}`.
      const objectBody = records[1]?.body as Record<string, Arrived>;
      assert.equal(objectBody.message, 'object');
      assert.equal(objectBody.at, '1970-01-01T00:00:00.000Z');
      assert.match(objectBody.paid as string, /REDACTED/);
      assert.deepEqual(objectBody.list, [1n, { k: NaN }]);
      assert.deepEqual(records[2]?.body, ['a', 1n, 2.5, null]);
      assert.equal(records[1]?.severityNumber, 0);
      assert.deepEqual(withBody(records, 'bytes').attributes.raw, Uint8Array.of(0, 1));

      const elsewhere = withBody(records, 'other context');
      assert.deepEqual(
        [elsewhere.traceId, elsewhere.spanId, elsewhere.flags],
        ['0123456789abcdef0123456789abcdef', '0123456789abcdef', 0],
      );
      for (const body of ['no trace', 'outside']) {
        assert.deepEqual([withBody(records, body).traceId, withBody(records, body).spanId], ['', '']);
      }

      // Pains: the type is err.code; causes and inner errors are lost.
      const failed = withBody(records, 'failed').attributes;
      assert.equal(failed['exception.type'], 'PaymentError');
      assert.equal(failed['exception.message'], 'the gateway said no');
      assert.equal(failed['exception.code'], 'E_DECLINED');
      const stack = failed['exception.stacktrace'] as string;
      for (const part of ['both tries failed', 'first try', 'second try']) assert.ok(stack.includes(part), part);

      assert.deepEqual([withBody(records, 'event').eventName, every.eventName], ['order.placed', '']);

      const timeOf = (body: string): bigint => withBody(records, body).timeUnixNano;
      assert.equal(timeOf('hrtime'), 1_700_000_000_123_456_789n);
      assert.equal(timeOf('date'), 1_700_000_000_123_000_000n);
      assert.equal(timeOf('epoch ms'), 1_600_000_000_456_000_000n);
      assert.ok(timeOf('process ms') >= startNanos);
      assert.ok(timeOf('bad time') >= startNanos);
      // Order is ours to keep: an observed time that a bridge makes up could break it.
      const observed = records.map(({ observedTimeUnixNano }) => observedTimeUnixNano);
      assert.deepEqual(
        observed,
        observed.toSorted((a, b) => (a < b ? -1 : 1)),
      );
      assert.equal(new Set(observed).size, observed.length);
      assert.ok((observed[0] as bigint) >= startNanos);
    });
  });
}
