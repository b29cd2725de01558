/** The Collector's own redaction: what it must catch, and what it must leave alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireCollector, startCollector } from '../support/collector.ts';
import type { FlatLogRecord } from '../support/collector.ts';
import { postLogs } from '../support/collector-post.ts';
import type { LogRecordInit } from '../support/collector-post.ts';

const CONFIG = ['gateway.yaml', 'backends/files.yaml'].map((name) =>
  fileURLToPath(new URL(`../../collector-config/${name}`, import.meta.url)),
);

/** Sends the records through a gateway of its own and gives back what it wrote; undefined when skipped. */
async function throughGateway(t: TestContext, records: readonly LogRecordInit[]): Promise<FlatLogRecord[] | undefined> {
  const binary = await requireCollector(t);
  if (binary === undefined) return undefined;
  await using gateway = await startCollector({ binary, configFiles: CONFIG });
  await postLogs(gateway.otlpHttp, records);
  return await gateway.waitForRecords(records.length);
}

test('R9.1 the second line masks the value of a secret name, in any case style', async (t) => {
  const names = [
    'password', 'user.password', 'DB_PASSWORD', 'newPassword', 'password_hash', 'passwd', 'pwd', 'passphrase',
    'client_secret', 'clientSecret', 'aws_secret_access_key', 'apiKey', 'x-api-key', 'access_key', 'privateKey',
    'token', 'access_token', 'refreshToken', 'X-CSRF-Token', 'authorization', 'http.request.header.authorization',
    'cookie', 'Set-Cookie', 'credentials', 'jwt', 'ssn', 'card_number', 'cardNumber', 'cvv', 'card.cvc', 'iban',
  ]; // prettier-ignore
  const records = await throughGateway(t, [{ attributes: Object.fromEntries(names.map((name) => [name, 'hunter2'])) }]);
  if (records === undefined) return;
  const expected = Object.fromEntries(names.map((name) => [name, '****']));
  assert.deepEqual(records[0]?.attributes, { ...expected, 'redaction.masked.count': names.length });
});

test('R9.1 the second line masks a secret inside a text, in the body and in any field', async (t) => {
  const hex = '0123456789abcdef'.repeat(4);
  // A text that holds a secret, and the part of it that must not survive when that is not the whole text.
  const cases: [text: string, secret?: string][] = [
    ['4111111111111111'],
    ['4111 1111 1111 1111', '1111'],
    ['5500-0000-0000-0004', '0000'],
    ['378282246310005'],
    ['6011111111111117'],
    ['30569309025904'],
    ['DE89 3704 0044 0532 0130 00', '3704'],
    ['GB29NWBK60161331926819'],
    ['078-05-1120'],
    ['jane.doe@example.com', 'jane'],
    ['postgres://app:s3cr3t-value@db.internal/orders', 's3cr3t'],
    [`eyJ${hex.slice(0, 20)}.eyJ${hex.slice(0, 30)}.${hex}`, hex.slice(0, 16)],
    [`-----BEGIN RSA PRIVATE KEY-----\n${hex}\n${hex}\n-----END RSA PRIVATE KEY-----`, hex],
    [`Bearer ${hex}`, hex],
    ['Authorization: Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
    [`AKIA${'Q'.repeat(16)}`],
    [`ghp_${hex.slice(0, 36)}`],
    [`sk_live_${hex.slice(0, 24)}`],
    ['password=hunter2-with-tail', 'hunter2-with-tail'],
    ['Pwd=hunter2;', 'hunter2'],
    ['"password": "two words"', 'words'],
    ["'api_key' => 'abc def'", 'def'],
    ['secret := "abc def"', 'def'],
    ['{\\"token\\":\\"two words\\",\\"id\\":1}', 'words'],
  ];
  const records = await throughGateway(
    t,
    cases.map(([text]) => ({ body: `before ${text} after`, attributes: { text: `before ${text} after` } })),
  );
  if (records === undefined) return;
  for (const [index, [text, secret = text]] of cases.entries()) {
    const record: FlatLogRecord | undefined = records[index];
    for (const masked of [record?.body, record?.attributes.text]) {
      assert.ok(typeof masked === 'string');
      assert.match(masked, /^before .*\*\*\*\*.* after$/, text);
      assert.equal(masked.includes(secret), false, masked);
    }
  }
});

test('R9.1 the second line looks into maps and lists, and at numbers', async (t) => {
  const records = await throughGateway(t, [
    {
      attributes: {
        request: {
          kvlistValue: {
            values: [
              { key: 'user', value: { stringValue: 'jane' } },
              { key: 'password', value: { stringValue: 'two words' } },
              { key: 'card', value: { kvlistValue: { values: [{ key: 'cvv', value: { intValue: '123' } }] } } },
            ],
          },
        },
        list: { arrayValue: { values: [{ stringValue: 'ok' }, { stringValue: '4111111111111111' }] } },
        number: 4111111111111111,
      },
    },
  ]);
  const attributes = records?.[0]?.attributes;
  if (attributes === undefined) return;
  assert.equal(attributes.number, '****');
  assert.equal(attributes.list, '["ok","****"]');
  assert.ok(typeof attributes.request === 'string');
  assert.match(attributes.request, /"user":"jane"/);
  assert.doesNotMatch(attributes.request, /two|words|123/);
});

test('R9.1 the second line leaves identifiers, times and ordinary texts as they are', async (t) => {
  const untouched: Readonly<Record<string, string | number>> = {
    trace_id: '41111111111111111111111111111111',
    span_id: '4111111111111111',
    uuid: '41111111-1111-4111-8111-111111111111',
    uuid_of_digits: '55000000-0000-4000-8000-000000000004',
    unix_ns: 1763712000123456,
    unix_ns_text: '1763712000123456789',
    unix_ms: 1763712000123,
    iso: '2026-11-21T08:49:10.123456789Z',
    compact: '20261121084910',
    sha256: '4111111111111111'.repeat(4),
    ulid: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    order_id: 'ORD-4111-1111',
    semver: '1.22.333-rc.4',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    password_reset_at: '2026-11-21',
    max_tokens: 4096,
    secretary: 'Jane',
    cache_key: 'orders:42',
    page_token: 'eA',
    url: 'http://localhost:4318/v1/logs?from=a@b',
    stack: 'Error: boom\n    at charge (/app/src/pay.ts:10:5)\n    at node:internal/process/task_queues:95:5',
  };
  const nested = { kvlistValue: { values: [{ key: 'password', value: { stringValue: '[REDACTED:key]' } }] } };
  const bodies = [
    'payment_failed',
    'GET /orders/1 took 12.5 ms',
    'password: [REDACTED:password]',
    'card [REDACTED:card]',
  ];
  const records = await throughGateway(
    t,
    bodies.map((body) => ({ body, attributes: { ...untouched, nested } })),
  );
  if (records === undefined) return;
  assert.deepEqual(
    records.map((record) => record.body),
    bodies,
  );
  // Exactly these: no mark is left behind either.
  for (const { attributes } of records) {
    assert.deepEqual(attributes, { ...untouched, nested: { password: '[REDACTED:key]' } });
  }
});

test('R9.1 the second line does not count what the first has masked', async (t) => {
  const records = await throughGateway(t, [
    { body: 'login_failed', attributes: { password: '[REDACTED:key]', card: '[REDACTED:card]', token: '****' } },
  ]);
  if (records === undefined) return;
  assert.deepEqual(records[0]?.attributes, { password: '[REDACTED:key]', card: '[REDACTED:card]', token: '****' });
});
