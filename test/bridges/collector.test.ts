import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { noticesOf, runChild } from '../support/child-process.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import { ledgerOf, REGISTER, REPORT_LEDGER, saidBy } from './run-bridge.ts';
import { assertNoSecrets } from './value-forms.ts';

/** Records that each application logs. */
const APPLICATIONS = { winston: 14, pino: 7, logtape: 8, bridges: 21 };

test("R3.7 winston, pino, LogTape, console and debug reach a real Collector, and no secret of theirs is in the Collector's file", async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using collector = await startCollector({ binary });
  const total = Object.values(APPLICATIONS).reduce((sum, count) => sum + count, 0);

  const traces = new Map<string, unknown>();
  await Promise.all(
    Object.entries(APPLICATIONS).map(async ([name, count]) => {
      const end = await runChild({
        args: ['--import', REGISTER, '--import', REPORT_LEDGER, join(import.meta.dirname, 'apps', `${name}.ts`)],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp, OTEL_SERVICE_NAME: name },
      });
      assert.equal(end.code, 0, end.stderr);
      assert.deepEqual(noticesOf(end), []);
      const { emitted, delivered } = ledgerOf(end);
      assert.deepEqual({ emitted, delivered }, { emitted: count, delivered: count });
      const { traceId } = saidBy(end)[0] ?? {};
      traces.set(name, traceId);
    }),
  );

  const records = await collector.waitForRecords(total);
  for (const [name, count] of Object.entries(APPLICATIONS)) {
    const mine = records.filter(({ resource }) => resource['service.name'] === name);
    assert.equal(mine.length, count, name);
    for (const { traceId } of mine) assert.equal(traceId, traces.get(name));
  }
  assert.equal(await collector.acceptedRecords(), total);
  assertNoSecrets(await readFile(collector.outFile, 'utf8'));
});
