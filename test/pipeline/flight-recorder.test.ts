import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { SEVERITY } from '../../src/core/level.ts';
import { createRecorded, inTrace } from './recorder-hub.ts';

test('R5.5 an ERROR lets out what its scope holds, before itself, with the times at which it was logged', async () => {
  const { hub, arrived, events, time, within, check, ledger } = createRecorded();
  const log = hub.getLogger('checkout');
  await within(
    async () => {
      log.debug('cart_read', { items: 3 });
      time.pass(40);
      await nextTurn();
      log.info('order_placed');
      log.debug('stock_asked');
      assert.deepEqual(events(), ['order_placed']);
      assert.equal(ledger().destinations.json?.pending, 2);
      time.pass(2);
      log.error('payment_failed');
    },
    { request_id: 'r-1' },
  );
  assert.deepEqual(events(), ['order_placed', 'cart_read', 'stock_asked', 'payment_failed']);
  const [placed, cart, stock, failed] = arrived;
  assert.deepEqual(cart?.fields, { request_id: 'r-1', items: 3, 'spanlog.recorded': true });
  assert.deepEqual([cart.severity, cart.logger], [SEVERITY.debug, 'checkout']);
  assert.equal((placed as typeof cart).nanos - cart.nanos, 40_000_000n);
  assert.ok((stock as typeof cart).nanos < (failed as typeof cart).nanos);
  check();
});

test('R5.5 a scope that ends well discards what it holds, and the ledger says so', async () => {
  const { hub, events, within, check, ledger, recorder } = createRecorded();
  const log = hub.getLogger('checkout');
  await within(async () => {
    log.debug('a');
    await within(async () => {
      await nextTurn();
      log.debug('b');
    });
    log.warn('c');
  });
  assert.deepEqual(events(), ['c']);
  const { emitted, discarded, pending, delivered } = ledger().destinations.json ?? {};
  assert.deepEqual({ emitted, discarded, pending, delivered }, { emitted: 3, discarded: 2, pending: 0, delivered: 1 });
  assert.equal(recorder.bytes, 0);
  check();
});

test('R5.5 scopes inside one another share what is held, scopes side by side do not', async () => {
  const { hub, events, within, check } = createRecorded();
  const log = hub.getLogger('jobs');
  const job = (name: string, fails: boolean): Promise<void> =>
    within(async () => {
      log.debug(`${name}_1`);
      await nextTurn();
      await within(async () => {
        await nextTurn();
        log.debug(`${name}_2`);
        if (fails) log.error(`${name}_failed`);
      });
    });
  await Promise.all([job('a', false), job('b', true), job('c', false)]);
  assert.deepEqual(events(), ['b_1', 'b_2', 'b_failed']);
  check();
});

test('R5.5 a scope whose function throws or rejects lets out what it holds; what it throws passes through', async () => {
  const { hub, events, within, check } = createRecorded({ expectedErrors: [{ match: RangeError, severity: 9 }] });
  const log = hub.getLogger('jobs');
  const failing = (event: string, error: Error) => (): Promise<never> => {
    log.debug(event);
    return Promise.reject(error);
  };
  const boom = new Error('boom');
  await assert.rejects(within(failing('rejects', boom)), boom);
  assert.throws(() => {
    within(() => {
      log.debug('throws');
      throw boom;
    });
  }, boom);
  assert.deepEqual(events(), ['rejects', 'throws']);
  await assert.rejects(within(failing('is_expected', new RangeError('no such order'))));
  await assert.rejects(within(failing('is_aborted', Object.assign(new Error('gone'), { name: 'AbortError' }))));
  assert.deepEqual(events(), ['rejects', 'throws']);
  check();
});

test('R5.5 an error that is expected lets nothing out; made quieter than its logger, it is held itself', () => {
  const { hub, events, within, check, ledger } = createRecorded({
    expectedErrors: [
      { match: RangeError, severity: SEVERITY.info },
      { match: TypeError, severity: SEVERITY.debug },
    ],
  });
  const log = hub.getLogger('jobs');
  within(() => {
    log.debug('a');
    log.error('not_found', new RangeError('no such order'));
    log.error('not_found_either', new TypeError('no such order'));
    assert.deepEqual(events(), ['not_found']);
    assert.equal(ledger().destinations.json?.pending, 2);
    log.error('failed');
  });
  assert.deepEqual(events(), ['not_found', 'a', 'not_found_either', 'failed']);
  check();
});

test('R5.5 outside of scopes a trace is what records are held by; outside of both nothing is held or read', () => {
  const { hub, events, within, check, ledger, recorder } = createRecorded();
  const log = hub.getLogger('spans');
  inTrace('aa', () => log.debug('a1'));
  inTrace('bb', () => log.debug('b1'));
  inTrace('aa', () => {
    within(() => log.debug('a2'));
    within(() => {
      log.debug('a3');
      log.error('a_failed');
      log.debug('a4');
    });
  });
  // Its own scope and what its trace logged outside of all; another scope of the trace is another story.
  assert.deepEqual(events(), ['a1', 'a3', 'a_failed', 'a4']);
  inTrace('bb', () => log.error('b_failed'));
  assert.deepEqual(events().slice(4), ['b1', 'b_failed']);
  const before = ledger().destinations.json?.emitted;
  log.debug('nowhere', () => assert.fail('the fields were read'));
  assert.deepEqual([log.isEnabled('debug'), log.isEnabled('info')], [false, true]);
  assert.equal(
    inTrace('cc', () => log.isEnabled('debug')),
    true,
  );
  assert.equal(
    within(() => log.isEnabled('debug')),
    true,
  );
  assert.equal(
    within(() => log.isEnabled('trace')),
    false,
  );
  assert.equal(ledger().destinations.json?.emitted, before);
  recorder.end();
  check();
});

test('R5.5 a failed span lets out its scope, or all of its trace where it ends outside; a local root that ends well discards', () => {
  const { hub, events, within, check, recorder, ledger } = createRecorded();
  const log = hub.getLogger('spans');
  const ended = (trace: string, hasFailed: boolean, isLocalRoot: boolean): void =>
    recorder.spanEnded({ traceId: trace.padEnd(32, '0'), hasFailed, isLocalRoot }, hub.context.recording());
  inTrace('aa', () => {
    log.debug('a1');
    within(() => log.debug('a2'));
    within(() => {
      log.debug('a3');
      ended('aa', true, false);
      assert.deepEqual(events(), ['a1', 'a3']);
    });
  });
  ended('aa', true, true);
  assert.deepEqual(events(), ['a1', 'a3', 'a2']);
  inTrace('bb', () => log.debug('b1'));
  ended('bb', false, false);
  assert.equal(ledger().destinations.json?.pending, 1);
  ended('bb', false, true);
  assert.equal(ledger().destinations.json?.pending, 0);
  inTrace('bb', () => log.error('b_failed'));
  assert.deepEqual(events().slice(3), ['b_failed']);
  check();
});

test('R5.5 before a crash all that is held goes out, in the order in which it was logged', () => {
  const { hub, events, within, check, recorder } = createRecorded();
  const log = hub.getLogger('jobs');
  const { promise } = Promise.withResolvers<undefined>();
  const steps = Array.from({ length: 3 }, (_, i) => {
    let step = (): void => undefined;
    void within(() => {
      step = () => log.debug(`job_${i}`);
      step();
      return promise;
    });
    return i;
  });
  inTrace('aa', () => log.debug('traced'));
  for (const i of steps) void within(() => (log.debug(`again_${i}`), promise));
  recorder.releaseAll();
  log.fatal('uncaught_exception');
  assert.deepEqual(events(), [
    ...['job_0', 'job_1', 'job_2', 'traced', 'again_0', 'again_1', 'again_2'],
    'uncaught_exception',
  ]);
  check();
});

test('R5.5 functions for fields run when a record is held, secrets are hidden before, and sampling has no say', () => {
  const { hub, arrived, within, check } = createRecorded({ sample: { rate: 0 } });
  const log = hub.getLogger('jobs').child({ part: 'stock' });
  let runs = 0;
  within(() => {
    log.debug('asked', () => ({ run: ++runs, password: 'hunter2', note: 'the card 4111 1111 1111 1111' }));
    assert.equal(runs, 1);
    log.error('failed');
  });
  assert.equal(runs, 1);
  const { fields } = arrived[0] ?? assert.fail('nothing arrived');
  assert.deepEqual([fields.part, fields.run], ['stock', 1]);
  assert.doesNotMatch(inspect(arrived), /hunter2|4111/);
  check();
});

test('R5.5 levels say what is logged as before: off stays off, and a level that is set follows at once', () => {
  const { hub, events, within, check, ledger } = createRecorded();
  const log = hub.getLogger('jobs');
  const noisy = hub.getLogger('noisy');
  hub.levels.override('noisy', 25);
  within(() => {
    noisy.error('noise');
    noisy.debug('noise');
    assert.equal(ledger().emitted, 0);
    hub.levels.override('jobs', SEVERITY.debug);
    log.debug('logged');
    hub.levels.override('jobs', SEVERITY.fatal);
    log.error('held_error');
    assert.deepEqual(events(), ['logged']);
    assert.equal(hub.levels.thresholdOf('jobs'), SEVERITY.fatal);
    log.fatal('died');
  });
  assert.deepEqual(events(), ['logged', 'held_error', 'died']);
  hub.useRecorder(undefined);
  within(() => {
    log.debug('nothing');
    assert.equal(log.isEnabled('error'), false);
  });
  assert.deepEqual(events().length, 3);
  check();
});

test('R5.5 a bridged logger below its own prefix is held as well; without one all it logs passes', () => {
  const { hub, events, within, check } = createRecorded();
  const foreign = (eventName: string, severity: number) => ({
    ...{ eventName, severity, severityText: '', body: eventName, attributes: undefined, error: undefined },
    ...{ time: undefined, span: undefined },
  });
  const state = { scope: hub.createScope('pino.sql'), threshold: 0, level: 0 };
  hub.levels.attachBridged(state);
  assert.deepEqual([state.threshold, state.level], [0, 0]);
  hub.levels.override('pino', SEVERITY.warn);
  assert.deepEqual([state.threshold, state.level], [SEVERITY.debug, SEVERITY.warn]);
  hub.emit(state.scope, foreign('outside', 9), true);
  within(() => {
    hub.emit(state.scope, foreign('asked', 9), true);
    hub.emit(state.scope, foreign('answered', 13));
    hub.emit(state.scope, foreign('failed', 17));
  });
  assert.deepEqual(events(), ['answered', 'asked', 'failed']);
  check();
});

test('R5.5 what is held is let go with its recorder, and scopes that run go on with the next one', () => {
  const { hub, events, within, check, ledger, recorder } = createRecorded();
  const log = hub.getLogger('jobs');
  within(() => {
    log.debug('a');
    hub.useRecorder(undefined);
    assert.deepEqual([ledger().destinations.json?.pending, ledger().destinations.json?.discarded], [0, 1]);
    log.debug('b');
    log.error('failed');
  });
  assert.equal(recorder.bytes, 0);
  assert.deepEqual(events(), ['failed']);
  check();
});
