import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSampler, thresholdOf } from '../../src/pipeline/sample.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import { Dice } from '../support/redaction/dice.ts';

const RECORDS = 2_000;
const TRACED = Array.from({ length: RECORDS }, (_, i) => i);
const INFO = 9;

/** A log record in OTLP/JSON; its body is its number. */
function record(number: number, traceId: string, attributes: Readonly<Record<string, string>>): object {
  return {
    timeUnixNano: String(1_700_000_000_000_000_000n + BigInt(number)),
    severityNumber: INFO,
    body: { stringValue: String(number) },
    ...(traceId === '' ? {} : { traceId, spanId: '00f067aa0ba902b7' }),
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  };
}

/** The Collector's sampler between receiver and file. */
function samplingConfig(mode: string, percentage: number): string {
  return `
processors:
  probabilistic_sampler: { mode: ${mode}, sampling_percentage: ${percentage}, fail_closed: true }
service:
  pipelines:
    logs: { receivers: [otlp], processors: [probabilistic_sampler], exporters: [file] }
`;
}

/** Sends records and a last one that every sampler keeps, and waits for it; gives what arrived, by number. */
async function through(
  mode: string,
  percentage: number,
  records: readonly object[],
  binary: string,
): Promise<Map<number, string>> {
  await using collector = await startCollector({ binary, configYaml: [BASE, samplingConfig(mode, percentage)] });
  const last = record(-1, 'f'.repeat(32), {});
  const logRecords = [...records, last];
  const response = await fetch(`${collector.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
  });
  assert.equal(response.status, 200);
  const arrived = await collector.waitForRecords(1);
  const thresholds = arrived.map(
    ({ body, attributes }) => [Number(body), JSON.stringify(attributes['sampling.threshold'])] as const,
  );
  assert.ok(thresholds.some(([number]) => number === -1));
  return new Map(thresholds.filter(([number]) => number !== -1));
}

const BASE = `
extensions:
  health_check: { endpoint: '\${env:OTELCOL_HEALTH_ENDPOINT}' }
receivers:
  otlp: { protocols: { http: { endpoint: '\${env:OTELCOL_OTLP_HTTP_ENDPOINT}' } } }
exporters:
  file: { path: '\${env:OTELCOL_FILE}', append: true, flush_interval: 10ms }
service:
  extensions: [health_check]
  telemetry: { logs: { level: warn }, metrics: { level: none } }
`;

describe('against the real Collector', () => {
  const dice = new Dice(42);
  const ids = TRACED.map(() => dice.text('0123456789abcdef', 32));
  const contextOf = (traceId: string) => ({ traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 });

  for (const percentage of [50, 10, 1, 99.5]) {
    test(`R5.1 at ${percentage} % the Collector keeps the same traces and writes the same threshold`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      const arrived = await through(
        'equalizing',
        percentage,
        ids.map((id, i) => record(i, id, {})),
        binary,
      );
      const sampler = createSampler({ rate: percentage / 100 });
      const kept = TRACED.filter((i) => sampler.decide('a', INFO, '', contextOf(ids[i] ?? '')).keep);
      assert.deepEqual(
        [...arrived.keys()].sort((a, b) => a - b),
        kept,
      );
      assert.deepEqual([...new Set(arrived.values())], [JSON.stringify(thresholdOf(percentage / 100))]);
    });
  }

  for (const [percentage, how] of [
    [10, 'at the same rate'],
    [50, 'at a higher rate'],
  ] as const) {
    test(`R5.1 behind us ${how}, the Collector finds nothing left to decide`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      const sampler = createSampler({ rate: 0.1 }, () => dice.next());
      const kept = TRACED.flatMap((i) => {
        const traceId = i % 2 === 0 ? (ids[i] ?? '') : '';
        const decision = sampler.decide('a', INFO, '', traceId === '' ? undefined : contextOf(traceId));
        if (!decision.keep) return [];
        const randomness = decision.randomness === '' ? {} : { 'sampling.randomness': decision.randomness };
        return [record(i, traceId, { 'sampling.threshold': decision.threshold, ...randomness })];
      });
      assert.ok(kept.length > 100, `${kept.length} kept`);
      const arrived = await through('equalizing', percentage, kept, binary);
      assert.equal(arrived.size, kept.length);
      assert.deepEqual([...new Set(arrived.values())], ['"e666"']);
    });
  }

  test('R5.1 a Collector in proportional mode multiplies our share with its own', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    const ours = createSampler({ rate: 0.4 });
    const kept = TRACED.filter((i) => ours.decide('a', INFO, '', contextOf(ids[i] ?? '')).keep);
    const sent = kept.map((i) => record(i, ids[i] ?? '', { 'sampling.threshold': thresholdOf(0.4) ?? '' }));
    assert.equal((await through('proportional', 100, sent, binary)).size, kept.length);
    const half = await through('proportional', 50, sent, binary);
    const both = createSampler({ rate: 0.2 });
    const expected = kept.filter((i) => both.decide('a', INFO, '', contextOf(ids[i] ?? '')).keep);
    assert.deepEqual(
      [...half.keys()].sort((a, b) => a - b),
      expected,
    );
  });
});
