import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOUND_FIELDS } from '../../bench/peer.ts';
import type { RowName } from '../../bench/peer-list.ts';
import { runWorker } from '../../bench/run-worker.ts';
import type { FlatLogRecord } from '../support/collector.ts';
import { requireCollector, startCollector } from '../support/collector.ts';

const RECORDS = 64;
const FIELD_NAMES = ['amount', 'currency', 'express', 'item_count', 'order_id'];
const BOUND_NAMES = Object.keys(BOUND_FIELDS);

interface Way {
  peer: RowName;
  delivers: string;
  names: readonly string[];
  check: (record: FlatLogRecord) => void;
}

function hasBoundFields({ attributes }: FlatLogRecord): void {
  for (const [name, value] of Object.entries(BOUND_FIELDS)) assert.equal(attributes[name], value, name);
}

const TEN: Pick<Way, 'delivers' | 'names' | 'check'> = {
  delivers: 'five fields of the call and five bound ones',
  names: [...FIELD_NAMES, ...BOUND_NAMES],
  check: hasBoundFields,
};

const WAYS: readonly Way[] = [
  { peer: 'spanlog-child', ...TEN },
  { peer: 'sdk-logs-ten-attributes', ...TEN },
  { peer: 'pino-child', ...TEN },
  {
    peer: 'spanlog-template',
    delivers: 'a text, its two fields and its template',
    names: ['amount', 'log.template', 'order_id'],
    check({ body, attributes }): void {
      const { order_id, amount } = attributes;
      assert.equal(attributes['log.template'], 'order {order_id} placed for {amount}');
      assert.ok(typeof order_id === 'string' && typeof amount === 'number');
      assert.equal(body, `order ${order_id} placed for ${amount}`);
    },
  },
  {
    peer: 'spanlog-timed',
    delivers: 'five fields, a duration and an outcome',
    names: [...FIELD_NAMES, 'duration_ms', 'outcome'],
    check({ attributes }): void {
      assert.equal(typeof attributes.duration_ms, 'number');
      assert.equal(attributes.outcome, 'success');
    },
  },
];

describe('the bench logs in the ways that its rows name', () => {
  for (const { peer, delivers, names, check } of WAYS) {
    test(`${peer} delivers ${delivers} with each record`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      await using collector = await startCollector({ binary });
      const endpoint = collector.otlpHttp;
      const task = { peer, measure: 'burst-at-once', endpoint, spanlog: 'source', records: RECORDS } as const;
      const { accepted } = await runWorker({ ...task, warmUpRecords: 0 }, collector);
      assert.equal(accepted, RECORDS);
      for (const record of await collector.waitForRecords(RECORDS)) {
        assert.deepEqual(Object.keys(record.attributes).sort(), [...names].sort());
        assert.match(record.traceId, /^[0-9a-f]{32}$/);
        check(record);
      }
    });
  }
});
