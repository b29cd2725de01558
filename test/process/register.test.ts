import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noticesOf } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { assertAllDelivered, ledgerOf, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

/** No time limit but the one under test is shorter than what a test waits for its process. */
const WITHOUT_LIMITS = {
  OTEL_EXPORTER_OTLP_TIMEOUT: '120000',
  OTEL_BLRP_EXPORT_TIMEOUT: '120000',
  SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '120000',
};
const ALONE = { preloaded: false } as const;

describe('register', { concurrency: 2 }, () => {
  test('R10.1 the first explicit register after --import reconfigures; later ones say once what they ignored', async (t) => {
    const [first, second] = [await startReceiving(t), await startReceiving(t)];
    const end = await runApp('register', ['reconfigure', second.url], { env: first.env });

    assert.equal(end.code, 0, end.stderr);
    assert.equal(end.stdout, 'the same logging\n');
    assert.deepEqual(first.events(), ['automatic']);
    assert.deepEqual(second.events(), ['explicit']);
    const [before, after] = [first.records()[0], second.records()[0]];
    assert.equal(after?.service, 'explicit');
    assert.equal(after.resource['service.instance.id'], before?.resource['service.instance.id']);
    const notices = noticesOf(end);
    assert.equal(notices.length, 1, end.stderr);
    assert.match(notices[0] as string, /register\(\) was called again.* ignored level, service\b/);

    // One ledger over both configurations.
    const { balanced, destinations } = ledgerOf(end);
    assert.equal(balanced, true);
    assert.equal(destinations.otlp?.delivered, 1);
    assert.equal(destinations.second?.delivered, 1);
    assertAllDelivered(end, 2);
  });

  test('R10.1 what another register ignored is named as well, and each option once', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('register', ['ignored twice'], { ...ALONE, env: receiver.env });
    assert.deepEqual(
      noticesOf(end).map((notice) => /ignored ([^.]+)\./.exec(notice)?.[1]),
      ['level', 'service'],
    );
  });

  test('R8.4 what was registered after a shutdown can be shut down as well', async (t) => {
    const [first, second] = [await startReceiving(t), await startReceiving(t)];
    const end = await runApp('register', ['shut down twice', second.url], { env: first.env });
    assert.equal(end.stdout, 'success\n', end.stderr);
    assert.deepEqual([first.events(), second.events()], [['automatic'], ['explicit']]);
    assert.deepEqual(ledgerOf(end).dropped, { after_shutdown: 1 });
  });

  test('R4.4 the resource goes out redacted by the rules in force, and explain shows none of its values', async (t) => {
    const receiver = await startReceiving(t);
    const env = { ...receiver.env, OTEL_RESOURCE_ATTRIBUTES: 'api_key=k-123456,oops=hunter2,service.name=shop' };
    const end = await runApp('register', ['secret resource'], { ...ALONE, env });
    const { resource } = receiver.records()[0] ?? assert.fail(end.stderr);
    assert.equal(resource['db.password'], '[REDACTED:password]');
    assert.equal(resource.note, 'card [REDACTED:card]');
    assert.match(String(resource.api_key), /^\[REDACTED:/);
    assert.deepEqual(
      [resource.team, resource['service.name'], resource['telemetry.sdk.name'], resource['process.runtime.name']],
      ['blue', 'shop', 'spanlog', 'nodejs'],
    );
    assert.doesNotMatch(end.stdout + end.stderr, /hunter2|4111|k-123456/);
    assert.match(end.stdout, /db\.password=…/);

    const bad = await runApp('hello', [], { env: { ...env, OTEL_RESOURCE_ATTRIBUTES: 'password=hunter2,oops' } });
    assert.match(bad.stderr, /SPANLOG_BAD_LIST: resource is \[REDACTED\]/);
    assert.doesNotMatch(bad.stderr, /hunter2/);
  });

  test('R4.4 redact: false leaves the resource as it is', async (t) => {
    const receiver = await startReceiving(t);
    await runApp('register', ['secret resource', 'unredacted'], { ...ALONE, env: receiver.env });
    assert.equal(receiver.records()[0]?.resource['db.password'], 'hunter2');
  });

  test('R8.4 the deadline of the end is that of the explicit register', async (t) => {
    const server = await startScriptedServer();
    server.otherwise({ fault: 'hang' });
    t.after(() => server.close());
    const end = await runApp('register', ['other deadline'], {
      env: { ...WITHOUT_LIMITS, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}` },
    });
    assert.deepEqual(ledgerOf(end).dropped, { exit: 1 });
  });

  test('R10.1 a second register returns the first handle and says what it ignored', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('register', ['twice'], { ...ALONE, env: receiver.env });

    assert.equal(end.stdout, 'the same logging\n');
    assert.deepEqual(
      receiver.records().map(({ eventName, service }) => [eventName, service]),
      [['hello', 'first']],
    );
    assert.equal(noticesOf(end).length, 1, end.stderr);
    assert.match(end.stderr, /ignored service, level\b/);
    assertAllDelivered(end, 1);
  });

  test('R10.1 records from before register wait, and flow by the rules that register brings', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('register', ['early'], { ...ALONE, env: receiver.env });

    assert.equal(end.stderr, '');
    assert.deepEqual(receiver.events(), ['early', 'early_failure', 'registered', 'late']);
    const [early, failure, , late] = receiver.records();
    assert.ok(early && failure && late);
    for (const text of receiver.store.allText()) {
      assert.doesNotMatch(text, /hunter2|4111|L-55512|k-123456|s-987654/);
    }
    assert.deepEqual(Object.keys(early.attributes).sort(), ['loyalty_number', 'note', 'password']);
    assert.equal(failure.requestId, 'req-42');
    assert.equal(failure.attributes.order_id, 'o-1');
    assert.equal(failure.attributes['exception.type'], 'Error');
    assert.equal(late.requestId, 'req-42');
    assert.equal(late.attributes.order_id, 'o-1');
    assert.deepEqual(
      receiver.records().map(({ observedNs }) => observedNs),
      receiver
        .records()
        .map(({ observedNs }) => observedNs)
        .sort((a, b) => Number(a - b)),
    );
    assert.ok(early.observedNs < failure.observedNs && failure.timeNs === failure.observedNs);
    assertAllDelivered(end, 4);
  });

  test('R4.4 records wait redacted: not even redact: false brings back what was hidden before', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('register', ['early, then unredacted'], { ...ALONE, env: receiver.env });

    assert.deepEqual(
      receiver.records().map(({ attributes }) => attributes.password),
      ['[REDACTED:password]', 'shown'],
    );
    assertAllDelivered(end, 2);
  });

  test('R10.1 when register never comes, stderr says at the end how many records were lost and what to do', async () => {
    const end = await runApp('register', ['never'], ALONE);

    assert.equal(end.code, 0);
    assert.equal(end.stdout, '');
    assert.equal(noticesOf(end).length, 1);
    assert.match(end.stderr, /\b5 records were lost: .*never called.*--import spanlog\/register/);
  });

  test('R10.1 what had to make room counts among the lost when register never comes', async () => {
    const end = await runApp('register', ['never, and too much'], ALONE);
    assert.equal(noticesOf(end).length, 1);
    assert.match(end.stderr, /\b3000 records were lost\b/);
  });

  test('R8.1 past 1 MiB before register the oldest records make room, counted as before_register', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('register', ['early, and too much'], { ...ALONE, env: receiver.env });

    const { emitted, delivered, dropped } = ledgerOf(end);
    assert.equal(emitted, 3_000);
    assert.deepEqual(dropped, { before_register: 3_000 - delivered });
    assert.ok(delivered > 200 && delivered < 1_100, `${delivered} of 1 KiB each were kept`);
    assert.deepEqual(
      receiver.records().map(({ attributes }) => attributes.i),
      Array.from({ length: delivered }, (_, i) => 3_000 - delivered + i),
    );
    assert.equal(noticesOf(end).length, 1);
    assert.match(end.stderr, new RegExp(`${3_000 - delivered} before_register`));
  });
});
