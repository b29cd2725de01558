import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { noticesOf, otherErrorsOf } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import { encodeLogsResponse, encodeStatus } from '../support/otlp-proto.ts';
import { assertAllDelivered, ledgerOf } from '../process/app.ts';
import { pointedTo, runFaultApp, upTo } from './fault-app.ts';
import { startFaultyServer, status } from './faulty-server.ts';
import type { Answer, FaultyServer } from './faulty-server.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const COUNT = 10;

/** An application that logs `rounds` times ten records, flushing each time, to a collector with these answers. */
async function logTo(
  t: TestContext,
  answers: readonly Answer[],
  rounds = 1,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly server: FaultyServer; readonly end: Ended }> {
  const server = await startFaultyServer(t, { answers });
  const end = await runFaultApp('rounds', [rounds, COUNT], { env: { ...pointedTo(server.endpoint), ...env } });
  assert.equal(end.code, 0, end.stderr);
  assert.equal(otherErrorsOf(end), '');
  return { server, end };
}

function numbersOf(server: FaultyServer): number[] {
  return server.requests.flatMap(({ numbers }) => numbers);
}

describe('fault 25: answers that are final', { concurrency: 2 }, () => {
  const fixes: Readonly<Record<number, RegExp>> = {
    401: /OTEL_EXPORTER_OTLP_HEADERS/,
    404: /\/v1\/logs/,
  };
  for (const code of [400, 401, 404, 408, 500, 501]) {
    test(`R8.2 fault 25 a ${code}: one attempt, counted as http_${code}, said once, and the next batch flows`, async (t) => {
      const said = encodeStatus({ code: 3, message: 'because of that', details: [] });
      const refusal = status(code, PROTOBUF, said);
      const { server, end } = await logTo(t, [refusal, refusal], 3);

      assert.deepEqual(
        server.requests.map(({ numbers }) => numbers[0]),
        [0, COUNT, 2 * COUNT],
      );
      assert.equal(end.stdout, 'failure\nfailure\nsuccess\n');
      const [notice = '', atEnd] = noticesOf(end);
      assert.match(notice, /because of that/);
      assert.match(notice, fixes[code] ?? /./);
      assert.equal(atEnd, `spanlog: records were not delivered (otlp: ${2 * COUNT} http_${code})`);
      assert.equal(noticesOf(end).length, 2);
      const { emitted, delivered, pending, dropped } = ledgerOf(end);
      assert.deepEqual(
        { emitted, delivered, pending, dropped },
        { emitted: 3 * COUNT, delivered: COUNT, pending: 0, dropped: { [`http_${code}`]: 2 * COUNT } },
      );
    });
  }

  test('R8.2 fault 25 a 413: the batch is halved, every half is tried once, nothing is lost', async (t) => {
    const { server, end } = await logTo(t, [status(413)]);
    assert.deepEqual(server.requests.map(({ numbers }) => numbers.length), [10, 5, 5]); // prettier-ignore
    assert.deepEqual(numbersOf(server).slice(COUNT), upTo(COUNT));
    assert.deepEqual(noticesOf(end), []);
    assertAllDelivered(end, COUNT);
  });

  test('R8.2 fault 25 a 413 for ever: down to the single records, each tried once and counted as too_large', async (t) => {
    const { server, end } = await logTo(t, Array<Answer>(2 * COUNT - 1).fill(status(413)));
    const alone = server.requests.filter(({ numbers }) => numbers.length === 1).map(({ numbers }) => numbers[0]);
    assert.deepEqual(alone, upTo(COUNT));
    assert.ok(server.requests.length < 2 * COUNT, `${server.requests.length} requests`);
    assert.equal(noticesOf(end).length, 2);
    const { emitted, delivered, pending, dropped } = ledgerOf(end);
    assert.deepEqual(
      { emitted, delivered, pending, dropped },
      { emitted: COUNT, delivered: 0, pending: 0, dropped: { too_large: COUNT } },
    );
  });
});

describe('fault 26: a gateway without its backend', () => {
  test('R8.2 fault 26 a 502 three times, then 200: delivered once, no record twice, the gaps grow', async (t) => {
    const { server, end } = await logTo(t, [status(502), status(502), status(502)]);

    assert.deepEqual(
      server.requests.map(({ numbers }) => numbers),
      Array.from({ length: 4 }, () => upTo(COUNT)),
    );
    // Jitter takes up to half of each wait, and every wait is half as long again as the one before.
    for (const [i, leastMs] of [500, 750, 1_125].entries()) {
      const gapMs = (server.requests[i + 1]?.atMs ?? 0) - (server.requests[i]?.atMs ?? 0);
      assert.ok(gapMs >= leastMs - 5, `gap ${i + 1} was ${gapMs} ms`);
    }
    assert.equal(end.stdout, 'success\n');
    assertAllDelivered(end, COUNT);
  });
});

describe('fault 27: a partial success', { concurrency: 2 }, () => {
  const rejectedThree = { rejectedLogRecords: 3n, errorMessage: 'three were too old' };
  const forms: Readonly<Record<string, [Readonly<Record<string, string>>, string | Uint8Array]>> = {
    protobuf: [PROTOBUF, encodeLogsResponse({ partialSuccess: rejectedThree })],
    JSON: [JSON_TYPE, '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"three were too old"}}'],
  };
  for (const [form, [headers, body]] of Object.entries(forms)) {
    test(`R8.2 fault 27 a partial success of 3 in ${form}: counted, not retried, its message said once`, async (t) => {
      const answer = status(200, headers, body);
      const { server, end } = await logTo(t, [answer, answer], 3);

      assert.deepEqual(numbersOf(server), upTo(3 * COUNT));
      assert.equal(end.stdout, 'failure\nfailure\nsuccess\n');
      assert.deepEqual(noticesOf(end), [
        'spanlog: otlp: records were rejected: three were too old',
        'spanlog: records were not delivered (otlp: 6 rejected)',
      ]);
      const { emitted, delivered, rejected, pending, dropped } = ledgerOf(end);
      assert.deepEqual(
        { emitted, delivered, rejected, pending, dropped },
        { emitted: 3 * COUNT, delivered: 3 * COUNT - 6, rejected: 6, pending: 0, dropped: {} },
      );
    });
  }

  test('R8.2 fault 27 a partial success of 0 with a message is a warning, said once, and no loss', async (t) => {
    const warning = encodeLogsResponse({ partialSuccess: { rejectedLogRecords: 0n, errorMessage: 'mind your keys' } });
    const answer = status(200, PROTOBUF, warning);
    const { end } = await logTo(t, [answer, answer], 2);
    assert.deepEqual(noticesOf(end), ['spanlog: otlp: the other side warns: mind your keys']);
    assertAllDelivered(end, 2 * COUNT);
  });
});

describe('fault 28: successes that are not OTLP', { concurrency: 2 }, () => {
  const answers: Readonly<Record<string, Answer>> = {
    '200 with HTML': status(200, { 'content-type': 'text/html' }, '<html><body>It works!</body></html>'),
    '200 with HTML called protobuf': status(200, PROTOBUF, '<html><body>It works!</body></html>'),
    '200 with nothing': status(200),
    '204': status(204),
    '200 with half a protobuf': status(200, PROTOBUF, Uint8Array.of(0x0a, 0x7f, 0x08)),
    '200 with broken gzip': status(200, { ...PROTOBUF, 'content-encoding': 'gzip' }, 'no gzip'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    test(`R8.2 fault 28 a ${name} is a success`, async (t) => {
      const { server, end } = await logTo(t, [answer, answer], 2);
      assert.deepEqual(numbersOf(server), upTo(2 * COUNT));
      assert.equal(end.stdout, 'success\nsuccess\n');
      assert.deepEqual(noticesOf(end), []);
      assertAllDelivered(end, 2 * COUNT);
    });
  }
});
