/**
 * Runs an application that logs through somebody else's library and says what arrived: over real HTTP, decoded by a
 * decoder that is not ours.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Ledger } from '../../src/core/ledger.ts';
import { noticesOf, runChild } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type { AnyValueMessage, KeyValueMessage } from '../support/otlp-proto.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';

const root = join(import.meta.dirname, '..', '..');

export const REGISTER: string = join(root, 'src', 'register.ts');
export const REPORT_LEDGER: string = join(import.meta.dirname, 'apps', 'report-ledger.ts');

/** An AnyValue with its kind kept: int64 is a bigint, a double is a number, empty is null. */
export type Arrived = null | string | bigint | number | boolean | Uint8Array | Arrived[] | { [key: string]: Arrived };

export interface ArrivedRecord {
  readonly scope: string;
  readonly scopeVersion: string;
  readonly eventName: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: Arrived;
  readonly attributes: Record<string, Arrived>;
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  /** Lower-case hex, empty outside of a trace. */
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

export interface BridgeRun {
  readonly end: Ended;
  readonly records: readonly ArrivedRecord[];
  readonly ledger: Ledger;
  /** The raw bytes of all requests as latin1, to search for what must not be there. */
  readonly wire: string;
}

export interface BridgeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/**
 * Starts `node --import spanlog/register apps/<name>.ts` and waits for its end. Asserts what holds for every bridge: the
 * application ended well, and each record that spanlog took was delivered once.
 */
export async function runBridge(t: TestContext, name: string, options: BridgeOptions = {}): Promise<BridgeRun> {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const end = await runChild({
    args: ['--import', REGISTER, '--import', REPORT_LEDGER, appFile(name), ...(options.args ?? [])],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}`, ...options.env },
  });
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(noticesOf(end), []);
  const ledger = ledgerOf(end);
  const records = arrivedAt(server);
  assert.equal(ledger.delivered, records.length);
  assert.deepEqual(
    { emitted: ledger.emitted, pending: ledger.pending, dropped: ledger.dropped, rejected: ledger.rejected },
    { emitted: records.length, pending: 0, dropped: {}, rejected: 0 },
  );
  return { end, records, ledger, wire: server.requests.map(({ body }) => body.toString('latin1')).join('') };
}

/** Runs the same application without spanlog, to compare what it prints. */
export async function runWithout(name: string): Promise<Ended> {
  const end = await runChild({ args: [appFile(name)] });
  assert.equal(end.code, 0, end.stderr);
  return end;
}

/** Output with what differs from run to run taken out: ids, times, and the positions of Node's own frames. */
export function stable(output: string): string {
  return output
    .replaceAll(/\b(?:[\da-f]{32}|[\da-f]{16})\b/g, '<id>')
    .replaceAll(/"time":\d+/g, '<time>')
    .replaceAll(/\b\d\d:\d\d:\d\d\.\d{3}\b/g, '<time>')
    .replaceAll(/ \(?node:[^\s"\\)]+\)?/g, ' <node>');
}

/** Asserts that a record was made in the span that the application said. */
export function assertInSpan(record: ArrivedRecord, { end }: Pick<BridgeRun, 'end'>): void {
  const [span] = saidBy(end);
  assert.deepEqual(
    { traceId: record.traceId, spanId: record.spanId, traceFlags: record.flags },
    { traceId: span?.traceId, spanId: span?.spanId, traceFlags: span?.traceFlags },
  );
}

function appFile(name: string): string {
  return join(import.meta.dirname, 'apps', `${name}.ts`);
}

/** The ledger that the application reported as its last act. It always has to add up. */
export function ledgerOf(end: Ended): Ledger {
  const line = end.report.trim().split('\n').at(-1) ?? '';
  assert.notEqual(line, '', `no ledger was reported; stderr: ${end.stderr}`);
  const ledger = JSON.parse(line) as Ledger;
  assert.equal(ledger.balanced, true, line);
  return ledger;
}

/** What the application printed for the test to compare with, one JSON object a line. */
export function saidBy(end: Ended): Record<string, unknown>[] {
  return end.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A text as it is, anything else as nothing: a pattern then says what it missed. */
export function textOf(value: Arrived | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The one record with that body. */
export function withBody(records: readonly ArrivedRecord[], body: Arrived): ArrivedRecord {
  const found = records.filter((record) => record.body === body);
  assert.equal(found.length, 1, `${found.length} records have the body ${textOf(body)}`);
  return found[0] as ArrivedRecord;
}

export function arrivedAt(server: Pick<ScriptedServer, 'requests'>): ArrivedRecord[] {
  return server.requests.flatMap(({ body }) =>
    decodeLogsRequest(body).resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ scope, logRecords }) =>
        logRecords.map((record) => ({
          scope: scope?.name ?? '',
          scopeVersion: scope?.version ?? '',
          eventName: record.eventName ?? '',
          severityNumber: record.severityNumber ?? 0,
          severityText: record.severityText ?? '',
          body: arrived(record.body),
          attributes: arrivedMap(record.attributes),
          timeUnixNano: record.timeUnixNano ?? 0n,
          observedTimeUnixNano: record.observedTimeUnixNano ?? 0n,
          traceId: Buffer.from(record.traceId ?? []).toString('hex'),
          spanId: Buffer.from(record.spanId ?? []).toString('hex'),
          flags: record.flags ?? 0,
        })),
      ),
    ),
  );
}

export function arrived(value: AnyValueMessage | undefined): Arrived {
  if (value?.arrayValue !== undefined) return value.arrayValue.values.map(arrived);
  if (value?.kvlistValue !== undefined) return arrivedMap(value.kvlistValue.values);
  return value?.stringValue ?? value?.boolValue ?? value?.intValue ?? value?.doubleValue ?? value?.bytesValue ?? null;
}

function arrivedMap(pairs: readonly KeyValueMessage[]): Record<string, Arrived> {
  const keys = pairs.map(({ key }) => key ?? '');
  assert.equal(new Set(keys).size, keys.length, `a key is there twice: ${keys.join(', ')}`);
  return Object.fromEntries(pairs.map(({ key, value }) => [key ?? '', arrived(value)]));
}
