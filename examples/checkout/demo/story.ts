/** One failed request, told from the store to the person on call: what was before, what happened in order, who else. */
import type { LogStore, StoredRecord } from '../../../src/dev/store.ts';
import { heading, padEnd, padStart, paint, table, terminalWidth, visibleLength, wrap } from './terminal.ts';
import type { Style } from './terminal.ts';

export interface Story {
  readonly lines: readonly string[];
  /** What the store should have told and did not. */
  readonly missing: readonly string[];
}

/** Records that the demo makes are some hundreds; this bounds what is read when it has run for long. */
const MAX_RECORDS = 5_000;
/** How far back "just before" goes. */
const BEFORE_NS = 2_000_000_000n;
const BEFORE_RECORDS = 3;
const WARN = 13;
const ERROR = 17;
/** Said in the headline or by the first column, or for machines. */
const UNTOLD =
  /^(order_id|customer_id|request_id|entity_id|flow_id|elapsed_ms|previous_step(_ms)?|bytes|log\.template|spanlog\.recorded|exception\.\w+)$/;
const SERVICES = ['checkout', 'payment', 'gateway'] as const;
/**
 * What the incident consists of, in this order: the demo is only worth its name when the store can tell it so. The end of
 * a request that another service made is not part of it: that service may go on before it is logged.
 */
const PLOT = [
  'checkout request_started',
  'checkout flow_step step=reserve_stock',
  'checkout flow_step step=charge_card',
  'payment request_started',
  'payment dependency_call attempt=1',
  'payment dependency_call attempt=2',
  'payment dependency_call attempt=3',
  'payment state_changed to=failed',
  'checkout stock_released',
  'checkout state_changed to=cancelled',
  'checkout flow_failed stage=charge_card',
  'checkout request_failed status=502',
] as const;

export function tellStory(store: LogStore, traceId: string): Story {
  const records = store.byTrace(traceId);
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) {
    return { lines: [], missing: [`the store holds no record of the failed request (trace ${traceId})`] };
  }
  const others = store.recent({ limit: MAX_RECORDS }).filter((record) => record.traceId !== traceId);
  const before = justBefore(others, first.timeNs);
  const meanwhile = others.filter(({ timeNs }) => timeNs >= first.timeNs && timeNs <= last.timeNs);

  const told = [...before, ...records];
  const lines = tellRecords(told, first.timeNs);
  const services = SERVICES.filter((service) => records.some((record) => record.service === service));
  return {
    lines: [
      heading(`What happened to ${attribute(records, 'order_id')}, told by its trace`),
      ...headline(records, services, last.timeNs - first.timeNs).map((line) => `  ${line}`),
      '',
      paint('dim', '  just before'),
      ...lines.slice(0, before.length).flat(),
      '',
      paint('dim', '  the request'),
      ...lines.slice(before.length).flat(),
      '',
      ...wrap(meanwhileText(meanwhile).split(' '), terminalWidth() - 2).map((line) => `  ${line}`),
    ],
    missing: missingFrom(records, services),
  };
}

/** The last warnings before the request, and the last success of the same kind: what changed in between. */
function justBefore(others: readonly StoredRecord[], timeNs: bigint): StoredRecord[] {
  const recent = others
    .filter((record) => record.timeNs < timeNs && timeNs - record.timeNs < BEFORE_NS)
    .sort((a, b) => Number(b.timeNs - a.timeNs));
  const warnings = recent.filter(({ severity }) => severity >= WARN);
  const success = recent.find(
    ({ eventName, attributes }) => eventName === 'issuer_asked' && attributes.outcome === 'success',
  );
  return [...new Set([...(success === undefined ? [] : [success]), ...warnings])]
    .slice(0, BEFORE_RECORDS)
    .sort((a, b) => Number(a.timeNs - b.timeNs));
}

function headline(records: readonly StoredRecord[], services: readonly string[], spanNs: bigint): string[] {
  const requestId = records.find((record) => record.requestId !== undefined)?.requestId ?? '-';
  const seconds = (Number(spanNs) / 1e9).toFixed(2);
  return [
    `customer ${attribute(records, 'customer_id')} · request ${requestId} · ` +
      `${records.length} records of ${services.length} services in ${seconds} s`,
    `trace ${records[0]?.traceId ?? '-'}`,
  ];
}

/** Columns, and behind them the fields, wrapped below each other where the terminal is narrow. */
function tellRecords(records: readonly StoredRecord[], startNs: bigint): string[][] {
  const heads = table(
    records.map((record) => [offset(record.timeNs - startNs), paint('bold', record.service), levelText(record)]),
    [0],
  );
  const headWidth = Math.max(...heads.map(visibleLength)) + 4;
  const eventWidth = Math.max(...records.map(({ eventName }) => eventName?.length ?? 0));
  const indent = ' '.repeat(headWidth + eventWidth + 2);
  return records.map((record, i) => {
    // A message is prose, and may run into the column of the fields.
    const what = `${padEnd(`  ${heads[i] ?? ''}`, headWidth)}${padEnd(whatText(record), eventWidth)}`;
    const width = Math.max(24, terminalWidth() - indent.length);
    const [line = '', ...more] = [...wrap(fields(record), width), ...causes(record, width)];
    return [`${what}  ${line}`.trimEnd(), ...more.map((text) => indent + text)];
  });
}

function fields(record: StoredRecord): string[] {
  return (
    Object.entries(record.attributes)
      .filter(([key]) => !UNTOLD.test(key))
      .map(([key, value]) => [key, valueText(key, value)] as const)
      // What was redacted has a table of its own, and tells nothing here.
      .filter(([, text]) => !text.includes('[REDACTED'))
      .map(([key, text]) => `${paint('cyan', key)}=${text}`)
  );
}

/** `GatewayTimeout: …`, `← TimeoutError: …`, without the frames; of an attempt that was repeated, the last one tells it. */
function causes({ attributes, severity }: StoredRecord, width: number): string[] {
  const stack = attributes['exception.stacktrace'];
  if (typeof stack !== 'string' || severity < ERROR) return [];
  return stack
    .split(/^Caused by: /m)
    .map((section) => section.split(/\n\s+at /, 1)[0]?.trim() ?? '')
    .flatMap((text, i) => wrap(`${i === 0 ? '' : '← '}${text}`.split(' '), width))
    .map((line) => paint('red', line));
}

function valueText(key: string, value: unknown): string {
  const plain = typeof value === 'string' && !/[\s"=]/.test(value);
  return plain ? value : JSON.stringify(wholeMs(key, value), wholeMs);
}

/** Durations in whole ms: more is for machines. */
function wholeMs(key: string, value: unknown): unknown {
  return typeof value === 'number' && key.endsWith('_ms') ? Math.round(value) : value;
}

function whatText({ eventName, body, severity }: StoredRecord): string {
  const text = eventName ?? body;
  return severity >= ERROR ? paint('bold', text) : text;
}

function levelText({ severity, severityText }: StoredRecord): string {
  const style: Style = severity >= ERROR ? 'red' : severity >= WARN ? 'yellow' : 'green';
  return paint(style, severityText);
}

/** Signed ms to the beginning of the request. */
function offset(ns: bigint): string {
  const ms = Number(ns) / 1e6;
  return paint('dim', padStart(`${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(0)} ms`, 8));
}

function meanwhileText(meanwhile: readonly StoredRecord[]): string {
  const count = (event: string): number => meanwhile.filter(({ eventName }) => eventName === event).length;
  const failed = count('flow_failed');
  return `Meanwhile ${count('flow_completed')} other orders were completed by the same services; ${failed || 'none'} failed.`;
}

function attribute(records: readonly StoredRecord[], key: string): string {
  const value = records.find(({ attributes }) => typeof attributes[key] === 'string')?.attributes[key];
  return typeof value === 'string' ? value : '-';
}

function missingFrom(records: readonly StoredRecord[], services: readonly string[]): string[] {
  const missing = SERVICES.filter((service) => !services.includes(service)).map(
    (service) => `${service} is not in the story of the failed request`,
  );
  let from = 0;
  for (const event of PLOT) {
    const at = records.findIndex((record, i) => i >= from && isOf(record, event));
    if (at === -1) missing.push(`${event} is missing from the story, or out of order`);
    else from = at + 1;
  }
  return missing;
}

/** True for a record that a line of the plot means: a service, an event, and maybe a field of it. */
function isOf({ service, eventName, attributes }: StoredRecord, line: string): boolean {
  const [wantedService, wantedEvent, field = ''] = line.split(' ');
  const [key = '', value] = field.split('=');
  return (
    service === wantedService && eventName === wantedEvent && (value === undefined || String(attributes[key]) === value)
  );
}

/** Where to look when the records went to somebody else's collector. */
export function tellElsewhere(endpoint: string, requestId: string, traceId: string): string[] {
  return [
    heading('The failed request'),
    `  request_id  ${paint('bold', requestId)}`,
    `  trace_id    ${paint('bold', traceId)}`,
    `  The records went to ${endpoint}: look for either there. What it holds can't be checked from here.`,
  ];
}
