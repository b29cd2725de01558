import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LOGGER_NAME } from '../../bench/peer.ts';
import { PEER_NAMES } from '../../bench/peer-list.ts';
import { runWorker } from '../../bench/run-worker.ts';
import { requireCollector, startCollector } from '../support/collector.ts';

const RECORDS = 64;
const RECORDS_PER_SPAN = 16;

describe('the bench gives every peer the same work', () => {
  for (const peer of PEER_NAMES) {
    test(`${peer} delivers each record with its five fields, its level and the trace of its span`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      await using collector = await startCollector({ binary });
      const { accepted } = await runWorker(
        {
          peer,
          measure: 'burst-at-once',
          endpoint: collector.otlpHttp,
          spanlog: 'source',
          records: RECORDS,
          warmUpRecords: 0,
        },
        collector,
      );
      assert.equal(accepted, RECORDS);

      const records = await collector.waitForRecords(RECORDS);
      for (const record of records) {
        assert.equal(record.body, 'order_placed');
        assert.equal(record.severityNumber, 9);
        assert.match(record.traceId, /^[0-9a-f]{32}$/);
        assert.match(record.spanId, /^[0-9a-f]{16}$/);
        const { order_id, item_count, amount, express, currency } = record.attributes;
        assert.ok(typeof order_id === 'string' && /^[0-9a-f-]{36}$/.test(order_id));
        assert.ok(typeof item_count === 'number' && typeof amount === 'number');
        assert.equal(typeof express, 'boolean');
        assert.ok(typeof currency === 'string' && /^[A-Z]{3}$/.test(currency));
      }
      assert.equal(new Set(records.map((record) => record.spanId)).size, RECORDS / RECORDS_PER_SPAN);
      assert.equal(new Set(records.map((record) => record.attributes.order_id)).size, RECORDS);
      if (peer.startsWith('spanlog') || peer.startsWith('sdk-logs')) {
        assert.ok(records.every(({ eventName, scope }) => eventName === 'order_placed' && scope.name === LOGGER_NAME));
      }
    });
  }
});
