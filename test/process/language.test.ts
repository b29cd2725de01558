import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runApp } from './app.ts';

const PRETTY = { SPANLOG_DESTINATIONS: 'pretty', OTEL_SERVICE_NAME: 'shop' };

/** Level and what happened of each line; the fields after it. */
function linesOf(stdout: string): { readonly what: string; readonly fields: string }[] {
  return stdout
    .split('\n')
    .filter((line) => line.includes(' | '))
    .map((line) => {
      const [, level = '', , , , event = '', ...fields] = line.split('|').map((part) => part.trim());
      return { what: `${level} ${event}`, fields: fields.join('|') };
    });
}

test('R2.2 R6.5 R6.6 on the console a checkout reads as a story, and shows no secret', async () => {
  const end = await runApp('language', [], { env: PRETTY });
  assert.equal(end.code, 0, end.stderr);
  const lines = linesOf(end.stdout);
  assert.deepEqual(
    lines.map(({ what }) => what),
    [
      'INFO flow_started',
      'INFO flow_step',
      'WARN db_query',
      'INFO flow_step',
      'WARN dependency_call',
      'INFO dependency_call',
      'INFO charged 129.95 to u-17 with [REDACTED:password] and card [REDACTED:card]',
      'INFO state_changed',
      'ERROR state_changed',
      'ERROR send_receipt',
      'ERROR flow_failed',
      'INFO flow_started',
      'INFO flow_step',
      'WARN flow_abandoned',
    ],
  );
  assert.ok(!end.stdout.includes('hunter2') && !end.stdout.includes('4111'), end.stdout);
  assert.match(lines[2]?.fields ?? '', /^duration_ms=[\d.]+ slow_threshold_ms=0 table=stock rows=2 logger=checkout/);
  assert.match(lines[4]?.fields ?? '', /dependency=payments-api attempt=1 .*outcome=failure .*will_retry=true/);
  assert.match(lines[5]?.fields ?? '', /attempt=2 .*outcome=success status=201 total_duration_ms=/);
  assert.match(lines[6]?.fields ?? '', /amount=129\.95 userId=u-17 .*log\.template="charged \{amount\} to \{userId\}/);
  assert.match(lines[8]?.fields ?? '', /from=paid to=cancelled allowed=\["shipped"\] by=user/);
  assert.match(lines[10]?.fields ?? '', /outcome=failure stage=charge_card/);
});

test('R6.5 a rejection that nobody handles still ends the process, with the same error', async () => {
  const end = await runApp('language', ['unhandled'], { env: PRETTY });
  assert.equal(end.code, 1);
  assert.match(end.stderr, /RangeError: nobody waits/);
  assert.match(end.stdout, /ERROR \| shop .* job \| duration_ms=[\d.]+ outcome=failure/);
});
