import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { requireCollector, startCollector } from '../support/collector.ts';
import { createLane, httpTransport, JSON_ENVELOPE } from './lane.ts';
import type { LaneOptions } from './lane.ts';
import type { HttpTransportOptions } from '../../src/export/http.ts';

describe('delivery to a real Collector', () => {
  const ways: Record<string, [Partial<HttpTransportOptions>, LaneOptions]> = {
    'http/protobuf': [{}, {}],
    'http/protobuf with gzip': [{ compression: 'gzip' }, {}],
    'http/json': [{ envelope: JSON_ENVELOPE }, { json: true }],
    'http/json with gzip': [{ envelope: JSON_ENVELOPE, compression: 'gzip' }, { json: true }],
  };
  test('R7.4 every record arrives once, over every form of HTTP', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using collector = await startCollector({ binary });
    let expected = 0;
    for (const [name, [transportOptions, laneOptions]] of Object.entries(ways)) {
      const transport = httpTransport(`${collector.otlpHttp}/v1/logs`, transportOptions);
      const lane = createLane(transport, { ...laneOptions, batchRecords: 100 });
      lane.emitMany(1_000, `${name} `);
      await lane.shipper.shutdown(10_000);
      assert.equal(lane.balance().delivered, 1_000, name);
      assert.deepEqual(lane.said, []);
      expected += 1_000;
    }
    const records = await collector.waitForRecords(expected);
    assert.equal(new Set(records.map(({ eventName }) => eventName)).size, expected);
    assert.equal(records.length, expected);
    assert.equal(records[0]?.resource['service.name'], 'test');
    assert.equal(records[0].scope.name, 'test');
  });

  test('R8.2 nothing is lost while it is killed and restarted under load', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using collector = await startCollector({ binary });
    const lane = createLane(httpTransport(`${collector.otlpHttp}/v1/logs`), { batchRecords: 50, maxBytes: 8e6 });
    let emitted = 0;
    const emitSome = async (rounds: number): Promise<void> => {
      for (let i = 0; i < rounds; i++) {
        for (let j = 0; j < 20; j++) lane.emit(`e${emitted++}`);
        await delay(5);
      }
    };
    await emitSome(40);
    for (let i = 0; i < 2; i++) {
      const killed = collector.kill('SIGTERM');
      await emitSome(40);
      await killed;
      await collector.start();
      await emitSome(40);
    }
    await lane.shipper.flush(15_000);
    assert.equal(lane.balance().delivered, emitted);
    const records = await collector.waitForRecords(emitted);
    assert.equal(new Set(records.map(({ eventName }) => eventName)).size, emitted);
    await lane.shipper.shutdown(1_000);
    assert.deepEqual(lane.balance().dropped, {});
  });
});
