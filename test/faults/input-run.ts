/**
 * Runs one of the `apps/input-*.ts` against a real OTLP receiver and collects what arrived at each of its destinations.
 * Lines go to files, so that their bytes can be judged: a pipe that is decoded on the way would mend them.
 */
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import protobuf from 'protobufjs';
import { fieldName } from '../../src/encode/line-fields.ts';
import type { Ledger } from '../../src/core/ledger.ts';
import { arrived } from '../bridges/run-bridge.ts';
import type { Arrived } from '../bridges/run-bridge.ts';
import { startChild } from '../support/child-process.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type { KeyValueMessage, LogRecordMessage } from '../support/otlp-proto.ts';
import { startScriptedServer } from '../support/scripted-server.ts';

// The library puts U+FFFD where bytes are no UTF-8; a receiver that keeps to the specification refuses the request.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
protobuf.Reader.prototype.string = function string(): string {
  return UTF8.decode(this.bytes());
};

export type Line = Readonly<Record<string, unknown>>;

export interface InputRecord extends Omit<LogRecordMessage, 'attributes' | 'body'> {
  readonly body: Arrived;
  readonly attributes: Readonly<Record<string, Arrived>>;
}

export interface InputRun<Report> {
  /** In order, for OTLP by destination: the application's own first, then its processor's. */
  readonly records: readonly InputRecord[];
  readonly lines: readonly Line[];
  /** Lines for people, each with what stands below it. */
  readonly shown: readonly string[];
  readonly report: Report;
}

/** Reports of the applications end with their ledgers. */
export interface InputReport {
  readonly ledgers: readonly Ledger[];
}

/** What acts on a terminal, ends a line for some reader or turns the order of signs around; line feeds end our lines. */
const RAW_CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
/** The time that begins each record's line. */
const HEAD = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \| [A-Z]+\d? +\| /;

/** Asserts what holds for all of them: a good end, UTF-8 at every destination, whole lines, and ledgers that balance. */
export async function runInput<Report extends InputReport>(
  t: TestContext,
  app: string,
  args: readonly string[] = [],
): Promise<InputRun<Report>> {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const folder = mkdtempSync(join(tmpdir(), 'spanlog-input-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [out, err] = [join(folder, 'out'), join(folder, 'err')];
  const file = join(import.meta.dirname, 'apps', `${app}.ts`);
  const end = await startChild({
    command: 'sh',
    args: ['-c', 'exec "$0" "$@" >>"$OUT" 2>>"$ERR"', process.execPath, file, ...args],
    env: { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: server.url, OUT: out, ERR: err },
    timeoutMs: 60_000,
  }).ended;
  const stderr = textOf(readFileSync(err));
  assert.equal(end.code, 0, stderr.slice(-2_000));
  const report = JSON.parse(end.report) as Report;
  for (const ledger of report.ledgers) assertSettled(ledger);
  return {
    records: server.requests.flatMap(({ body }) => recordsOf(body)),
    lines: textOf(readFileSync(out))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line),
    shown: blocksOf(stderr),
    report,
  };
}

/** Everything was delivered, to each destination. */
function assertSettled(ledger: Ledger): void {
  const { balanced, emitted, delivered, pending, rejected, dropped } = ledger;
  assert.deepEqual(
    { balanced, pending, rejected, dropped, delivered },
    { balanced: true, pending: 0, rejected: 0, dropped: {}, delivered: emitted },
  );
}

function textOf(bytes: Buffer): string {
  assert.ok(isUtf8(bytes), 'what was printed is no UTF-8');
  const text = bytes.toString();
  const at = text.search(RAW_CONTROL);
  assert.equal(at, -1, `a raw control sign: ${JSON.stringify(text.slice(Math.max(0, at - 100), at + 20))}`);
  return text;
}

/** Each record begins a line; what stands below it is indented, so nothing can pass for another. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('  ')) {
      blocks.push(`${blocks.pop() ?? ''}\n${line}`);
    } else {
      assert.match(line.slice(0, 100), HEAD);
      blocks.push(line);
    }
  }
  return blocks;
}

function recordsOf(body: Buffer): InputRecord[] {
  return decodeLogsRequest(body).resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map((record) => ({
        ...record,
        body: arrived(record.body),
        attributes: attributesOf(record.attributes),
      })),
    ),
  );
}

function attributesOf(pairs: readonly KeyValueMessage[]): Record<string, Arrived> {
  const { kvlistValue, ...rest } = { kvlistValue: { values: [...pairs] } };
  assert.deepEqual(rest, {});
  return arrived({ kvlistValue }) as Record<string, Arrived>;
}

/** Asserts that a line says what the record does: each value has one form, the same for every destination. */
export function assertSameForm(record: InputRecord, line: Line): void {
  for (const [key, value] of Object.entries(record.attributes)) {
    if (key === 'request_id') continue;
    const expected = inJson(value);
    const actual = line[fieldName(key)];
    assert.ok(
      isDeepStrictEqual(actual, expected),
      `${key}: ${inspect(actual).slice(0, 500)} instead of ${inspect(expected).slice(0, 500)}`,
    );
  }
}

/** What JSON has no form for stands as the text that OTLP/JSON gives it. */
function inJson(value: Arrived): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(inJson);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inJson(inner)]));
}
