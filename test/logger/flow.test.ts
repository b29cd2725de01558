import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Logger } from '../../src/index.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import type { Recording } from '../support/recording-hub.ts';
import { SteppedTime } from '../support/stepped-time.ts';

function start(): Recording & { readonly time: SteppedTime; readonly log: Logger } {
  const time = new SteppedTime();
  const recording = createRecordingHub({ time });
  return { ...recording, time, log: recording.hub.getLogger('flows') };
}

function events({ records }: Recording): unknown[] {
  return records.map(({ eventName, severityText }) => `${severityText} ${eventName}`);
}

test('R6.6 a flow logs its start, its steps and its completion, with durations, one id and its fields on each', () => {
  const recording = start();
  const { time, log, records, attributes } = recording;
  {
    using flow = log.flow('checkout', { order_id: 'o-1' });
    time.pass(1);
    flow.step('reserve_stock', { items: 2 });
    time.pass(20);
    flow.step('charge_card');
    flow.log.info('card_charged');
    time.pass(300);
    flow.completed({ total: 129.95 });
    flow.step('too late');
    flow.failed(new Error('too late'));
  }
  assert.deepEqual(events(recording), [
    'INFO flow_started',
    'INFO flow_step',
    'INFO flow_step',
    'INFO card_charged',
    'INFO flow_completed',
  ]);
  const id = attributes(0).flow_id;
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  const own = { flow: 'checkout', flow_id: id, order_id: 'o-1' };
  for (let i = 0; i < records.length; i++) {
    const { flow, flow_id, order_id } = attributes(i);
    assert.deepEqual({ flow, flow_id, order_id }, own);
  }
  assert.deepEqual(attributes(1), { ...own, step: 'reserve_stock', elapsed_ms: 1, items: 2 });
  assert.deepEqual(attributes(2), {
    ...own,
    step: 'charge_card',
    previous_step: 'reserve_stock',
    previous_step_ms: 20,
    elapsed_ms: 21,
  });
  assert.deepEqual(
    { ...attributes(4), steps: { ...(attributes(4).steps as object) } },
    {
      ...own,
      duration_ms: 321,
      outcome: 'success',
      steps: { reserve_stock_ms: 20, charge_card_ms: 300 },
      total: 129.95,
    },
  );
});

test('R6.6 a flow that fails says at which stage, at ERROR with the exception; a cancelled one is told apart', () => {
  const recording = start();
  const { log, attributes } = recording;
  const flow = log.flow('checkout');
  flow.step('reserve_stock');
  flow.step('charge_card');
  flow.failed(new RangeError('declined'), { retry: false });
  const early = log.flow('checkout');
  early.failed(new DOMException('left', 'AbortError'));
  assert.deepEqual(events(recording), [
    'INFO flow_started',
    'INFO flow_step',
    'INFO flow_step',
    'ERROR flow_failed',
    'INFO flow_started',
    'INFO flow_cancelled',
  ]);
  const { stage, outcome, retry } = attributes(3);
  assert.deepEqual({ stage, outcome, retry }, { stage: 'charge_card', outcome: 'failure', retry: false });
  assert.equal(attributes(3)['exception.type'], 'RangeError');
  assert.deepEqual([attributes(5).stage, attributes(5).outcome], ['started', 'cancelled']);
});

test('R6.6 a flow that is left open is reported at WARN when its scope ends, with its stage', () => {
  const recording = start();
  const { time, log, attributes } = recording;
  assert.throws(() => {
    using flow = log.flow('checkout');
    flow.step('reserve_stock');
    time.pass(5);
    throw new Error('forgotten');
  }, /forgotten/);
  assert.deepEqual(events(recording), ['INFO flow_started', 'INFO flow_step', 'WARN flow_abandoned']);
  const { stage, duration_ms, outcome } = attributes(2);
  assert.deepEqual({ stage, duration_ms, outcome }, { stage: 'reserve_stock', duration_ms: 5, outcome: undefined });
});

test('R6.6 a flow without using that nobody can end any more is reported once it is collected; one that ended is not', async () => {
  const recording = start();
  const { log, records } = recording;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (const name of ['lost', 'ended']) {
    // In a function of its own, whose frame holds on to nothing.
    (() => {
      const flow = log.flow(name);
      flow.step('first');
      flow.step('second');
      if (name === 'ended') flow.completed();
    })();
  }
  const deadlineMs = performance.now() + 10_000;
  while (!events(recording).includes('WARN flow_abandoned') && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  const abandoned = records.flatMap(({ eventName }, i) =>
    eventName === 'flow_abandoned' ? [recording.attributes(i)] : [],
  );
  assert.deepEqual(
    abandoned.map(({ flow, stage, duration_ms }) => [flow, stage, duration_ms]),
    [['lost', 'second', undefined]],
  );
  assert.deepEqual({ ...(abandoned[0]?.steps as object) }, { first_ms: 0 });
});

test('R6.6 a slow flow is WARN; a step that comes again adds up; steps past the bound are not kept', () => {
  const { time, log, records, attributes } = start();
  const flow = log.flow('import', {}, { slowMs: 50, level: 'info' });
  for (let i = 0; i < 200; i++) {
    flow.step(i % 2 === 0 ? 'read' : `row-${i}`);
    time.pass(1);
  }
  flow.completed();
  assert.equal(records.at(-1)?.severityText, 'WARN');
  const steps = attributes(-1).steps as Record<string, number>;
  assert.equal(steps.read_ms, 100);
  assert.equal(Object.keys(steps).length, 64);
});

test('R6.6 a flow and a step without a name still make records, which say what was wrong', () => {
  const { log, records, attributes, complaints } = start();
  const careless = log as unknown as { flow(...args: unknown[]): ReturnType<Logger['flow']> };
  const flow = careless.flow(undefined, 'text');
  flow.step('');
  flow.completed([1] as never);
  assert.equal(records.length, 3);
  assert.match(String(attributes(0)['spanlog.problem']), /name of a flow must be a text.*got a string/);
  assert.match(String(attributes(1)['spanlog.problem']), /name of a step must be a text, got an empty text/);
  assert.match(String(attributes(2)['spanlog.problem']), /got an array/);
  assert.deepEqual(complaints, []);
});

test('R6.6 the time of a step is told whatever the step is called', () => {
  const { time, log, attributes } = start();
  const flow = log.flow('sign_up');
  for (const step of ['reset_password', 'verify_token', 'card']) {
    flow.step(step);
    time.pass(5);
  }
  flow.completed();
  assert.deepEqual({ ...(attributes(-1).steps as object) }, { reset_password_ms: 5, verify_token_ms: 5, card_ms: 5 });
});
