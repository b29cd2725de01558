import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { outcomeOf, parseRetryAfter, withoutSecrets } from '../../src/export/outcome.ts';
import type { HttpAnswer } from '../../src/export/outcome.ts';
import { encodeLogsResponse, encodeStatus } from '../support/otlp-proto.ts';

const NOW = Date.UTC(2026, 0, 1);
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json; charset=utf-8';

function answer(status: number, rest: Partial<HttpAnswer> = {}): HttpAnswer {
  return {
    status,
    contentType: undefined,
    retryAfter: undefined,
    location: undefined,
    body: Buffer.alloc(0),
    requestSent: true,
    ...rest,
  };
}

const partial = (rejectedLogRecords: bigint, errorMessage: string): Buffer =>
  Buffer.from(encodeLogsResponse({ partialSuccess: { rejectedLogRecords, errorMessage } }));

describe('a 2xx', () => {
  const full: Record<string, Partial<HttpAnswer>> = {
    'nothing at all': {},
    'what the Collector says': { contentType: PROTOBUF, body: Buffer.from([0x0a, 0x00]) },
    'an empty JSON object': { contentType: JSON_TYPE, body: Buffer.from('{}') },
    'an empty partial success in JSON': { contentType: JSON_TYPE, body: Buffer.from('{"partialSuccess":{}}') },
    HTML: { contentType: 'text/html', body: Buffer.from('<html>hello</html>') },
    'HTML without a type': { body: Buffer.from('<html>hello</html>') },
    'HTML called protobuf': { contentType: PROTOBUF, body: Buffer.from('<html>hello</html>') },
    'broken JSON': { contentType: JSON_TYPE, body: Buffer.from('{"partialSuccess":{"rejected') },
    'JSON of another shape': { contentType: JSON_TYPE, body: Buffer.from('[null,{"partialSuccess":7}]') },
    'a negative count': { contentType: PROTOBUF, body: partial(-3n, '') },
    'a count that is no number': { contentType: JSON_TYPE, body: Buffer.from('{"partialSuccess":{"rejectedLogRecords":"x"}}') }, // prettier-ignore
    'a protobuf cut short': { contentType: PROTOBUF, body: partial(3n, 'too old').subarray(0, 5) },
  };
  for (const [name, rest] of Object.entries(full)) {
    test(`R8.2 with ${name} is a success`, () => {
      assert.deepEqual(outcomeOf(answer(200, rest), NOW), { kind: 'delivered', rejected: 0, message: '' });
    });
  }

  test('R8.2 whatever its status within 2xx', () => {
    for (const status of [200, 201, 202, 204, 299]) assert.equal(outcomeOf(answer(status), NOW).kind, 'delivered');
  });

  test('R8.2 with a partial success counts the rejected, in protobuf and in JSON', () => {
    const expected = { kind: 'delivered', rejected: 3, message: 'too old' };
    for (const contentType of [PROTOBUF, undefined]) {
      assert.deepEqual(outcomeOf(answer(200, { contentType, body: partial(3n, 'too old') }), NOW), expected);
    }
    for (const count of ['"3"', '3']) {
      const body = Buffer.from(`{"partialSuccess":{"rejectedLogRecords":${count},"errorMessage":"too old"}}`);
      for (const contentType of [JSON_TYPE, undefined]) {
        assert.deepEqual(outcomeOf(answer(200, { contentType, body }), NOW), expected);
      }
    }
  });

  test('R8.2 with nothing rejected and a message is a warning', () => {
    const outcome = outcomeOf(answer(200, { contentType: PROTOBUF, body: partial(0n, 'deprecated keys') }), NOW);
    assert.deepEqual(outcome, { kind: 'delivered', rejected: 0, message: 'deprecated keys' });
  });

  test('R8.5 with more than may be read is not retried', () => {
    const outcome = outcomeOf(answer(200, { body: undefined }), NOW);
    assert.equal(outcome.kind === 'refused' && outcome.reason, 'response_too_large');
  });

  test('R8.5 with any bytes at all never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(PROTOBUF, JSON_TYPE, undefined, 'text/plain'),
        fc.uint8Array({ maxLength: 64 }),
        (contentType, bytes) => {
          assert.equal(outcomeOf(answer(200, { contentType, body: Buffer.from(bytes) }), NOW).kind, 'delivered');
          assert.equal(outcomeOf(answer(400, { contentType, body: Buffer.from(bytes) }), NOW).kind, 'refused');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('R4.6 what the other side says is one line, bounded, without control characters', () => {
    const hostile = `a\r\nb\u001b[31mc\u2028d\u202ee ${'x'.repeat(10_000)}`;
    const outcome = outcomeOf(answer(200, { contentType: PROTOBUF, body: partial(1n, hostile) }), NOW);
    assert.ok(outcome.kind === 'delivered' && outcome.message.startsWith('a b [31mc d e'), outcome.message);
    assert.ok(outcome.message.length <= 300);
  });
});

describe('a failure', () => {
  test('R8.2 429, 502, 503 and 504 are worth another attempt', () => {
    for (const status of [429, 502, 503, 504]) {
      const outcome = outcomeOf(answer(status, { retryAfter: '7' }), NOW);
      assert.deepEqual(outcome, { ...outcome, kind: 'retry', reason: `http_${status}`, retryAfterMs: 7_000 });
    }
  });

  test('R8.2 413 is too large, everything else is refused by its code', () => {
    assert.equal(outcomeOf(answer(413), NOW).kind, 'too_large');
    for (const status of [301, 304, 400, 401, 403, 404, 405, 408, 415, 418, 500, 501, 505, 599]) {
      const outcome = outcomeOf(answer(status), NOW);
      assert.equal(outcome.kind === 'refused' && outcome.reason, `http_${status}`);
    }
  });

  test('R8.2 the message of a google.rpc.Status is passed on, in both formats', () => {
    const body = Buffer.from(encodeStatus({ code: 3, message: 'bad data', details: [] }));
    for (const rest of [
      { contentType: PROTOBUF, body },
      { contentType: JSON_TYPE, body: Buffer.from('{"code":3,"message":"bad data"}') },
      { contentType: 'text/plain', body: Buffer.from('bad data\n') },
    ]) {
      const outcome = outcomeOf(answer(400, rest), NOW);
      assert.equal(outcome.kind === 'refused' && outcome.message, 'HTTP 400: bad data.');
    }
  });

  test('R8.2 failures that settings cause say which setting', () => {
    const messageOf = (status: number, rest: Partial<HttpAnswer> = {}): string =>
      outcomeOf(answer(status, rest), NOW).message;
    assert.match(messageOf(401), /OTEL_EXPORTER_OTLP_HEADERS/);
    assert.match(messageOf(403), /OTEL_EXPORTER_OTLP_HEADERS/);
    assert.match(messageOf(404), /\/v1\/logs/);
    assert.match(
      messageOf(307, { location: 'https://u:p@new.example/v1/logs?key=s' }),
      /https:\/\/new\.example\/v1\/logs\)/,
    );
  });
});

describe('Retry-After', () => {
  const date = (offsetMs: number): string => new Date(NOW + offsetMs).toUTCString();

  test('R8.2 is read in seconds and as a date', () => {
    assert.equal(parseRetryAfter('5', NOW), 5_000);
    assert.equal(parseRetryAfter(' 60 ', NOW), 60_000);
    assert.equal(parseRetryAfter(date(30_000), NOW), 30_000);
  });

  test('R8.2 is left to the own backoff when it is nothing, nonsense, negative, zero or past', () => {
    for (const header of [
      undefined,
      '',
      '0',
      '-1',
      '-5',
      '1.5',
      'soon',
      '5s',
      'NaN',
      'Infinity',
      '0x10',
      date(-60_000),
      'Mon',
    ]) {
      assert.equal(parseRetryAfter(header, NOW), undefined, String(header));
    }
  });

  test('R8.2 is capped at five minutes', () => {
    for (const header of ['301', '1000000000', '9'.repeat(400), date(86_400_000)]) {
      assert.equal(parseRetryAfter(header, NOW), 300_000, header);
    }
  });
});

test('R4.2 a URL is shown without credentials and query', () => {
  assert.equal(withoutSecrets('https://user:pass@host:4318/v1/logs?token=s#x'), 'https://host:4318/v1/logs');
});
