import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { otlp } from '../../src/destinations.ts';
import { defineEvents, getLogger, register } from '../../src/index.ts';
import { requireCollector, startCollector } from '../support/collector.ts';

const config = (name: string): string => fileURLToPath(new URL(`../../collector-config/${name}`, import.meta.url));

test('R12.2 R9.1 the Collector keeps each record in the files of its retention class, and those without one too', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'spanlog-retention-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await using collector = await startCollector({
    binary,
    configFiles: [config('gateway.yaml'), config('backends/retention.yaml')],
    env: { OTELCOL_RETENTION_DIR: folder },
  });
  const logging = register({
    destinations: [otlp({ endpoint: collector.otlpHttp })],
    catalogue: defineEvents({ payment_failed: { level: 'error', retention: 'long' }, cart_left: { level: 'info' } }),
    policy: { retention: { levels: { warn: 'short' } } },
  });
  const log = getLogger('shop');
  log.error('payment_failed');
  log.info('cart_left');
  log.warn('stock_low');
  await logging.shutdown();
  assert.equal(logging.ledger().balanced, true);

  const eventsIn = async (file: string, count: number): Promise<string[]> => {
    for (;;) {
      const found = [...readFileSync(join(folder, file), 'utf8').matchAll(/"eventName":"(\w+)"/g)].map(
        ([, name]) => name,
      );
      if (found.length >= count) return found.map(String).sort();
      await delay(20, undefined, { signal: t.signal });
    }
  };
  assert.deepEqual(await eventsIn('long.jsonl', 1), ['payment_failed']);
  assert.deepEqual(await eventsIn('rest.jsonl', 2), ['cart_left', 'stock_low']);
});
