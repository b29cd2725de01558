import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { metrics } from '@opentelemetry/api';
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import { METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED as EXPORTED } from '@opentelemetry/semantic-conventions/incubating';
import { OnceDiag } from '../../src/core/diag.ts';
import { createSelfMetrics } from '../../src/export/self-metrics.ts';
import { delivered } from './lane.ts';
import { batchOf, Destination, Meters, start } from './metered.ts';

/** What foreign code may throw at worst. */
class Unreadable extends Error {
  override get message(): string {
    throw new Error('unreadable');
  }
}

describe('self-metrics and their MeterProvider', () => {
  test('R8.1 a provider that comes later is found by the next batch, and by a rare timer that keeps nothing alive', async () => {
    const [first, second] = [new Meters(), new Meters()];
    let provider: ApiMeterProvider = metrics.getMeterProvider();
    const bench = start(() => provider);
    const destination = new Destination(bench);
    destination.emit(2);
    await destination.send(batchOf(2), delivered);
    assert.deepEqual((await first.read()).metrics, []);

    provider = first.provider;
    destination.emit(1);
    await destination.send(batchOf(1), delivered);
    // What was before it is there as well: the counters are the ledger's.
    assert.deepEqual((await first.read()).sums(EXPORTED), { '': 3 });

    provider = second.provider;
    assert.equal(bench.timers.keepingAlive, 0);
    await bench.timers.pass(30_000);
    assert.deepEqual((await second.read()).sums(EXPORTED), { '': 3 });
    bench.self.rest();
    assert.equal(bench.timers.pending, 0);
  });

  test('R8.1 looking for a provider becomes rare', async () => {
    let looks = 0;
    const bench = start(() => {
      looks++;
      return metrics.getMeterProvider();
    });
    await bench.timers.pass(60_000);
    const before = looks;
    await bench.timers.pass(600_000);
    assert.equal(looks - before, 20);
  });

  test('R8.1 a provider that is replaced no longer reads us; one that was shut down is survived', async () => {
    const [first, second] = [new Meters(), new Meters()];
    let provider = first.provider;
    const bench = start(() => provider);
    const destination = new Destination(bench);
    destination.emit(5);
    await destination.send(batchOf(2), delivered);
    await first.read();
    provider = second.provider;
    await destination.send(batchOf(3), delivered);
    assert.deepEqual((await second.read()).sums(EXPORTED), { '': 5 });
    assert.deepEqual((await first.read()).sums(EXPORTED), { '': 2 });

    await second.provider.shutdown();
    destination.emit(1);
    await destination.send(batchOf(1), delivered);
    const third = new Meters();
    await third.provider.shutdown();
    provider = third.provider;
    destination.emit(1);
    await destination.send(batchOf(1), delivered);
    assert.deepEqual(bench.said, []);
    assert.equal(destination.account.delivered, 7);
  });

  test('R8.1 while telemetry is disabled no provider is asked', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    bench.self.begin(false);
    assert.equal(bench.timers.pending, 0);
    const disabled = createSelfMetrics({
      ...{
        owner: 'register',
        version: '1.2.3',
        accounts: new Map(),
        redactions: bench.redactions,
        timers: bench.timers,
        diag: new OnceDiag(() => undefined),
      },
      provider: () => assert.fail('asked'),
    });
    disabled.begin(false);
    disabled.look();
    await bench.timers.pass(60_000);
  });

  test('R8.1 a provider that throws costs the metrics, one notice, and nothing else', async () => {
    let asked = 0;
    const throwing = {
      getMeter() {
        asked++;
        throw new Error('no meters today');
      },
    };
    const bench = start(() => throwing);
    const destination = new Destination(bench);
    destination.emit(3);
    for (let i = 0; i < 3; i++) await destination.send(batchOf(1), delivered);
    assert.equal(destination.account.delivered, 3);
    assert.equal(asked, 1);
    assert.deepEqual(bench.said, ['spanlog: no metrics about logging: the MeterProvider failed: no meters today']);
  });

  test('R8.1 a histogram that throws, even with what can’t be read, does not reach the export', async () => {
    const meters = new Meters();
    const hostile: ApiMeterProvider = {
      getMeter: (...args) => {
        const meter = meters.provider.getMeter(...args);
        return new Proxy(meter, {
          get: (target, key) =>
            key === 'createHistogram'
              ? () => ({
                  record: () => {
                    throw new Unreadable();
                  },
                })
              : (Reflect.get(target, key) as unknown),
        });
      },
    };
    const bench = start(() => hostile);
    const destination = new Destination(bench);
    destination.emit(1);
    await destination.send(batchOf(1), delivered);
    assert.equal(destination.account.delivered, 1);
    assert.equal(bench.said.length, 1);
    assert.match(bench.said[0] ?? '', /can’t be read/);
  });
});
