/** Sends OTLP/JSON as any OTLP client would, with nothing of ours in between: for tests of the Collector itself. */

export interface LogRecordInit {
  eventName?: string;
  body?: string;
  /** Strings, and numbers as int64 when whole. Anything else as the AnyValue that it is given as. */
  attributes?: Readonly<Record<string, string | number | Readonly<Record<string, unknown>>>>;
  timeUnixNano?: bigint;
  traceId?: string;
  spanId?: string;
}

/** Posts log records of one service; rejects when the answer is not 200. */
export async function postLogs(
  baseUrl: string,
  records: readonly LogRecordInit[],
  resource: LogRecordInit['attributes'] = { 'service.name': 'checkout' },
): Promise<void> {
  const logRecords = records.map((record) => ({
    ...record,
    timeUnixNano: String(record.timeUnixNano ?? 0n),
    severityNumber: 9,
    body: record.body === undefined ? undefined : { stringValue: record.body },
    attributes: keyValues(record.attributes),
  }));
  await post(`${baseUrl}/v1/logs`, {
    resourceLogs: [
      { resource: { attributes: keyValues(resource) }, scopeLogs: [{ scope: { name: 'app' }, logRecords }] },
    ],
  });
}

/** Posts one span; rejects when the answer is not 200. */
export async function postSpan(baseUrl: string, name: string): Promise<void> {
  const span = {
    name,
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    startTimeUnixNano: '1763712000000000000',
    endTimeUnixNano: '1763712000000000001',
  };
  await post(`${baseUrl}/v1/traces`, { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}

async function post(url: string, request: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${answer}`);
}

function keyValues(fields: LogRecordInit['attributes'] = {}): { key: string; value: unknown }[] {
  return Object.entries(fields).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | Readonly<Record<string, unknown>>): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value !== 'number') return value;
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
