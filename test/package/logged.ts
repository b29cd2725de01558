import assert from 'node:assert/strict';
import type { Receiving } from '../process/receiving.ts';

/** What the applications log that must never be seen. */
const SECRETS = /hunter2|s3cr3t|\bann\b|4111/;

/** Asserts that the two records of the applications arrived, once, whole and redacted. */
export function assertLogged(receiver: Receiving): void {
  const records = receiver.records();
  assert.deepEqual(receiver.events(), ['order_placed', 'payment_failed']);
  const [placed, failed] = records;
  assert.ok(placed && failed);
  assert.equal(placed.logger, 'app');
  assert.equal(placed.severity, 9);
  assert.equal(placed.severityText, 'INFO');
  assert.equal(placed.body, 'order_placed');
  assert.equal(placed.requestId, 'req-1');
  assert.equal(placed.attributes.user_id, 7);
  assert.equal(placed.attributes.order_id, 'o-1');
  assert.equal(placed.attributes.amount, 129.95);
  assert.equal(failed.severity, 17);
  assert.equal(failed.attributes['exception.type'], 'TypeError');
  assert.match(String(failed.attributes['exception.message']), /^card .* was refused$/);
  assert.ok(failed.observedNs > placed.observedNs);
  assert.equal(placed.resource['telemetry.sdk.name'], 'spanlog');
  assert.equal(placed.resource['process.runtime.name'], 'nodejs');
  assertNoSecrets(receiver);
}

export function assertNoSecrets(receiver: Receiving): void {
  for (const text of receiver.store.allText()) assert.doesNotMatch(text, SECRETS);
}

/** Asserts the same of what was printed: one JSON object a line. */
export function assertJsonLines(stdout: string): void {
  assert.doesNotMatch(stdout, SECRETS);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  assert.deepEqual(
    lines.map(({ level, logger, event }) => [level, logger, event]),
    [
      ['INFO', 'app', 'order_placed'],
      ['ERROR', 'app', 'payment_failed'],
    ],
  );
  assert.equal(lines[0]?.request_id, 'req-1');
  assert.equal(lines[0].order_id, 'o-1');
  assert.equal(lines[0].amount, 129.95);
  assert.equal(lines[1]?.['exception.type'], 'TypeError');
}
