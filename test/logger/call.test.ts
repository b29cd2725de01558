import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, Logger } from '../../src/index.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import type { Recording } from '../support/recording-hub.ts';
import { SteppedTime } from '../support/stepped-time.ts';

function start(): Recording & { readonly time: SteppedTime; readonly log: Logger } {
  const time = new SteppedTime();
  const recording = createRecordingHub({ time });
  return { ...recording, time, log: recording.hub.getLogger('calls') };
}

function refused(): Error {
  return Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
}

test('R6.6 a call of a dependency says its name, latency, status, attempt and outcome, and returns what it got', async () => {
  const { time, log, records, attributes } = start();
  const response = { status: 201, body: 'never logged' };
  const given = await log.call('payments-api', { operation: 'charge' }, async () => {
    await Promise.resolve();
    time.pass(41.5);
    return response;
  });
  assert.equal(given, response);
  assert.deepEqual([records[0]?.eventName, records[0]?.severityText], ['dependency_call', 'INFO']);
  assert.deepEqual(attributes(0), {
    dependency: 'payments-api',
    attempt: 1,
    duration_ms: 41.5,
    outcome: 'success',
    status: 201,
    operation: 'charge',
  });
});

test('R6.6 a call that fails is ERROR with the exception and its status, and throws the same error', () => {
  const { log, records, attributes } = start();
  const error = refused();
  assert.throws(
    () =>
      log.call('payments-api', {}, () => {
        throw error;
      }),
    (thrown) => thrown === error,
  );
  assert.equal(records[0]?.severityText, 'ERROR');
  assert.deepEqual([attributes(0).outcome, attributes(0).status], ['failure', 'ECONNREFUSED']);
  assert.equal(attributes(0)['exception.message'], 'connection refused');
  assert.equal(attributes(0).will_retry, undefined);
});

test('R6.6 with retries each attempt is a record of its own: WARN while it will be tried again, then how it ended', async () => {
  const { time, log, records, attributes } = start();
  const withRetries = async (attempt: Attempt): Promise<string> => {
    for (;;) {
      try {
        attempt.add({ host: `p${attempt.number}` });
        time.pass(10);
        await Promise.resolve();
        if (attempt.number < 3) throw refused();
        attempt.status('OK');
        return 'paid';
      } catch (error) {
        attempt.failed(error);
        time.pass(100);
        attempt.next();
      }
    }
  };
  assert.equal(await log.call('payments-api', { operation: 'charge' }, withRetries), 'paid');
  assert.deepEqual(
    records.map(({ severityText }, i) => {
      const { attempt, outcome, status, will_retry, duration_ms, host } = attributes(i);
      return [severityText, attempt, outcome, status, will_retry, duration_ms, host];
    }),
    [
      ['WARN', 1, 'failure', 'ECONNREFUSED', true, 10, 'p1'],
      ['WARN', 2, 'failure', 'ECONNREFUSED', true, 10, 'p2'],
      ['INFO', 3, 'success', 'OK', undefined, 10, 'p3'],
    ],
  );
  assert.equal(attributes(2).total_duration_ms, 230);
  for (const i of [0, 1, 2]) assert.equal(attributes(i).operation, 'charge');
});

test('R6.6 where each attempt is a call of its own, only the last one is an ERROR', () => {
  const { log, records, attributes } = start();
  for (const attempt of [1, 2, 3]) {
    assert.throws(() =>
      log.call(
        'payments-api',
        {},
        () => {
          throw refused();
        },
        { attempt, maxAttempts: 3 },
      ),
    );
  }
  assert.deepEqual(
    records.map(({ severityText }, i) => [severityText, attributes(i).attempt, attributes(i).will_retry]),
    [
      ['WARN', 1, true],
      ['WARN', 2, true],
      ['ERROR', 3, undefined],
    ],
  );
});

test('R6.6 an answer of the server that it failed is no success; a cancelled call has not failed', () => {
  const { log, records, attributes } = start();
  log.call('api', {}, () => ({ status: 503 }));
  log.call('api', {}, () => ({ statusCode: 404 }));
  log.call('api', {}, (attempt) => attempt.status(500));
  assert.throws(() =>
    log.call('api', {}, () => {
      throw new DOMException('left', 'AbortError');
    }),
  );
  log.call('api', {}, () => ({ status: 'active', statusCode: 7 }));
  assert.deepEqual(
    records.map(({ severityText }, i) => [severityText, attributes(i).outcome, attributes(i).status]),
    [
      ['WARN', 'failure', 503],
      ['INFO', 'success', 404],
      ['WARN', 'failure', 500],
      ['INFO', 'cancelled', undefined],
      ['INFO', 'success', undefined],
    ],
  );
});

test('R6.6 the status is found where clients put it: on the error, its response or its cause', () => {
  const { log, attributes } = start();
  const errors = [
    Object.assign(new Error('a'), { status: 429, code: 'RATE' }),
    Object.assign(new Error('b'), { statusCode: 502 }),
    Object.assign(new Error('c'), { code: 'ERR_BAD_RESPONSE', response: { status: 500 } }),
    new TypeError('fetch failed', { cause: refused() }),
    Object.assign(new Error('e'), { code: 14 }),
    new DOMException('The operation timed out', 'TimeoutError'),
    Object.defineProperty(new Error('f'), 'status', {
      get: () => {
        throw new Error('no');
      },
    }),
  ];
  for (const error of errors) {
    assert.throws(
      () =>
        log.call('api', {}, () => {
          throw error;
        }),
      (thrown) => thrown === error,
    );
  }
  assert.deepEqual(
    errors.map((_, i) => attributes(i).status),
    [429, 502, 500, 'ECONNREFUSED', 14, 'TimeoutError', undefined],
  );
});

test('R6.6 a slow call is WARN, and what is said of an attempt after the end is ignored', () => {
  const { time, log, records, attributes } = start();
  let kept: Attempt | undefined;
  log.call(
    'api',
    {},
    (attempt) => {
      kept = attempt;
      time.pass(300);
    },
    { slowMs: 250, level: 'info' },
  );
  kept?.failed(new Error('late'));
  kept?.next();
  assert.equal(records.length, 1);
  assert.equal(records[0]?.severityText, 'WARN');
  assert.equal(attributes(0).slow_threshold_ms, 250);
  log.call('', {}, () => 1);
  assert.match(String(attributes(1)['spanlog.problem']), /name of a dependency must be a text, got an empty text/);
});

test('R6.6 where next() is forgotten no failure is lost: each is an attempt, and the record says what was wrong', async () => {
  const { time, log, records, attributes } = start();
  await log.call('api', {}, async (attempt) => {
    for (let i = 0; i < 3; i++) {
      await Promise.resolve();
      time.pass(10);
      if (i < 2) attempt.failed(new Error(`failure ${i}`));
    }
  });
  assert.deepEqual(
    records.map((_, i) => {
      const { attempt, outcome, duration_ms, 'exception.message': message } = attributes(i);
      return [attempt, outcome, duration_ms, message, attributes(i)['spanlog.problem'] !== undefined];
    }),
    [
      [1, 'failure', 10, 'failure 0', false],
      [2, 'failure', 10, 'failure 1', true],
      [3, 'success', 10, undefined, true],
    ],
  );
  assert.match(String(attributes(1)['spanlog.problem']), /next\(\) was not called/);
});

test('R6.6 an attempt that failed and is not tried again ends the call under its own number', async () => {
  const { log, records, attributes } = start();
  const error = refused();
  const givesUp = log.call('api', {}, async (attempt) => {
    attempt.failed(error);
    attempt.failed(error);
    await Promise.resolve();
    throw error;
  });
  await assert.rejects(givesUp, (thrown) => thrown === error);
  const stops = log.call('api', {}, async (attempt) => {
    attempt.failed(error);
    await Promise.resolve();
    throw new DOMException('no time left to wait', 'AbortError');
  });
  await assert.rejects(stops);
  assert.deepEqual(
    records.map(({ severityText }, i) => {
      const { attempt, outcome, 'spanlog.problem': problem } = attributes(i);
      return [severityText, attempt, outcome, problem];
    }),
    [
      ['WARN', 1, 'failure', undefined],
      ['ERROR', 1, 'failure', undefined],
      ['WARN', 1, 'failure', undefined],
      ['INFO', 1, 'cancelled', undefined],
    ],
  );
});

test('R6.6 what is added after a failure is about the next attempt', () => {
  const { log, attributes } = start();
  log.call('api', {}, (attempt) => {
    attempt.add({ host: 'a' });
    attempt.status('BUSY');
    attempt.failed();
    attempt.add({ host: 'b' });
    attempt.next();
  });
  assert.deepEqual([attributes(0).host, attributes(0).status], ['a', 'BUSY']);
  assert.deepEqual([attributes(1).host, attributes(1).status], ['b', undefined]);
});
