/** Applications of their own processes, and what of theirs reached the Collector. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Ledger } from '../../src/core/ledger.ts';
import { runChild } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import type { Collector, FlatLogRecord } from '../support/collector.ts';

const root = join(import.meta.dirname, '..', '..');

export const REGISTER: string = join(root, 'src', 'register.ts');
export const NODE_SDK: string = join(import.meta.dirname, 'apps', 'node-sdk.ts');
export const BARE_TRACING: string = join(import.meta.dirname, 'apps', 'bare-tracing.ts');
const REPORT_LEDGER = join(root, 'test', 'bridges', 'apps', 'report-ledger.ts');

export interface Case {
  /** The service's name, by which its records are told from those of other cases. */
  readonly name: string;
  /** What is preloaded, in this order. */
  readonly preloads: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `apps/correlated.ts` to its end. */
export async function runCorrelated(collector: Collector, { name, preloads, env }: Case): Promise<Ended> {
  const imports = [...preloads, REPORT_LEDGER].flatMap((file) => ['--import', file]);
  const end = await runChild({
    args: [...imports, join(import.meta.dirname, 'apps', 'correlated.ts')],
    env: { ...environment(collector, name), ...env },
  });
  assert.equal(end.code, 0, end.stderr);
  return end;
}

/** The variables that an operator sets, for spanlog and for whatever SDK is in the process. */
export function environment(collector: Collector, name: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp,
    OTEL_SERVICE_NAME: name,
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.2.3,deployment.environment.name=test,cloud.region=eu-1',
    OTEL_METRICS_EXPORTER: 'none',
  };
}

/** What the application printed about its span. */
export function spanOf(end: Ended): { traceId: string; spanId: string; traceFlags: number } {
  return said(end).span as { traceId: string; spanId: string; traceFlags: number };
}

export function said(end: Ended): Record<string, unknown> {
  return JSON.parse(end.stdout.split('\n')[0] ?? '') as Record<string, unknown>;
}

/** Asserts that the ledger which the application reported at its end adds up to `delivered` records, and no other fate. */
export function assertDelivered(end: Ended, delivered: number): void {
  const ledger = JSON.parse(end.report.trim().split('\n').at(-1) ?? '') as Ledger;
  assert.equal(ledger.balanced, true, end.report);
  assert.deepEqual(
    { emitted: ledger.emitted, delivered: ledger.delivered, pending: ledger.pending, dropped: ledger.dropped },
    { emitted: delivered, delivered, pending: 0, dropped: {} },
  );
}

/** The records of one service, in the order of arrival; waits until there are as many as expected. */
export async function recordsOf(collector: Collector, name: string, count: number): Promise<FlatLogRecord[]> {
  const mine = (records: readonly FlatLogRecord[]): FlatLogRecord[] =>
    records.filter(({ resource }) => resource['service.name'] === name);
  for (let total = count; ; total++) {
    const records = await collector.waitForRecords(total);
    const found = mine(records);
    if (found.length >= count) return found;
    total = records.length;
  }
}

/** The one record with that body. */
export function withBody(records: readonly FlatLogRecord[], body: string): FlatLogRecord {
  const found = records.filter((record) => record.body === body);
  assert.equal(found.length, 1, `${found.length} records have the body ${body}`);
  return found[0] as FlatLogRecord;
}

/** The trace that a record carries. */
export function traceOf({ traceId, spanId, flags }: FlatLogRecord): object {
  return { traceId, spanId, traceFlags: flags };
}
