import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../src/index.ts';
import { KINDS, startUnread } from './unread-child.ts';

const RECORDS = 60_000;

describe('a text destination that nobody reads', () => {
  for (const kind of KINDS) {
    test(`R7.5 is bounded in bytes, keeps the application running and counts what it drops (${kind})`, async (t) => {
      const child = startUnread(t, kind, 'slow-reader-app.ts', []);
      const stuck = (await child.message()) as { ledger: Ledger; queueBytes: number };
      const { json } = stuck.ledger.destinations;
      assert.ok(json !== undefined && stuck.ledger.balanced);
      assert.equal(json.emitted, RECORDS);
      assert.ok((json.dropped.queue_full ?? 0) > 0);

      const text = child.read();
      child.proceed();
      const { ledger } = (await child.message()) as { ledger: Ledger };
      const lines = (await text).trimEnd().split('\n');
      assert.deepEqual([ledger.balanced, ledger.pending], [true, 0]);
      const dropped = ledger.dropped.queue_full ?? 0;
      // Once there is room again, or at the end, a record of its own tells of them: before this ledger or after it.
      const notice = JSON.parse(lines.pop() ?? '') as Record<string, unknown>;
      assert.deepEqual(
        [notice.event, notice.destination, notice.reason, notice.count],
        ['spanlog.records_dropped', 'json', 'queue_full', dropped],
      );
      assert.equal(ledger.delivered - (ledger.emitted - RECORDS), lines.length);
      assert.equal(lines.length + dropped, RECORDS);
      // What waited while nobody read were the last lines. The bound may be passed by one record.
      const waited = lines.slice(-json.pending).reduce((bytes, line) => bytes + line.length + 1, 0);
      assert.ok(waited <= stuck.queueBytes + 1_000, `${waited} bytes waited`);
      for (const line of lines) assert.equal((JSON.parse(line) as { event: string }).event, 'order_placed');
      assert.equal(await child.ended, 0);
    });
  }
});
