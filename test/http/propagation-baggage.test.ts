import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resolveSettings } from '../../src/config/resolve.ts';
import { baggageFields } from '../../src/logger/baggage-fields.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import type { Recording, RecordingOptions } from '../support/recording-hub.ts';

before(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

function withKeys(keys: readonly string[], options?: RecordingOptions): Recording {
  const recording = createRecordingHub(options);
  recording.hub.context.baggage = baggageFields(keys);
  return recording;
}

function withBaggage<T>(entries: Record<string, string>, fn: () => T): T {
  const values = Object.entries(entries).map(([key, value]) => [key, { value }] as const);
  return context.with(propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(Object.fromEntries(values))), fn);
}

test('R3.6 entries of the baggage that are named become fields, and no others', () => {
  const { hub, attributes } = withKeys(['tenant', 'plan']);
  withBaggage({ tenant: 'acme', internal: 'x' }, () => hub.getLogger('a').info('done', { n: 1 }));
  hub.getLogger('a').info('outside');
  assert.deepEqual(attributes(0), { tenant: 'acme', n: 1 });
  assert.deepEqual(attributes(1), {});
});

test('R3.6 what the application says itself wins: call, child and context before baggage', () => {
  const { hub, attributes } = withKeys(['tenant', 'plan', 'region']);
  const log = hub.getLogger('a').child({ plan: 'child' });
  withBaggage({ tenant: 'b', plan: 'b', region: 'b' }, () => {
    log.info('one', { tenant: 'call' });
    hub.context.run(hub.intake, { region: 'context', zone: 1 }, () => log.info('two'));
    log.info('three');
  });
  assert.deepEqual(attributes(0), { region: 'b', plan: 'child', tenant: 'call' });
  assert.deepEqual(attributes(1), { tenant: 'b', region: 'context', zone: 1, plan: 'child' });
  assert.deepEqual(attributes(2), { tenant: 'b', region: 'b', plan: 'child' });
});

test('R3.6 each request has its own baggage, also where two share a context scope', () => {
  const { hub, attributes } = withKeys(['tenant']);
  const log = hub.getLogger('a');
  hub.context.run(hub.intake, { app: 'x' }, () => {
    for (const tenant of ['a', 'b', 'a']) withBaggage({ tenant }, () => log.info('done'));
    log.info('done');
  });
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => attributes(i)),
    [{ tenant: 'a', app: 'x' }, { tenant: 'b', app: 'x' }, { tenant: 'a', app: 'x' }, { app: 'x' }],
  );
});

test('R3.6 baggage is redacted like any field, and bound by the same limits', () => {
  const { hub, attributes, records } = withKeys(['password', 'note', 'long', 'one', 'two'], {
    limits: { valueLength: 10 },
    attributeLimit: 4,
  });
  const entries = { password: 'hunter2', note: 'to a@example.com', long: 'x'.repeat(50), one: '1', two: '2' };
  withBaggage(entries, () => hub.context.run(hub.intake, { own: true }, () => hub.getLogger('a').info('done')));
  const shown = JSON.stringify(attributes(0));
  assert.doesNotMatch(shown, /hunter2|a@example\.com|x{11}/);
  assert.equal(Object.keys(attributes(0)).length, 4);
  assert.equal(attributes(0).own, true, 'the context’s own field has its place before baggage');
  assert.ok((records[0]?.droppedAttributes ?? 0) > 0);
});

test('R3.6 a record of a bridge carries the baggage of where it was logged', () => {
  const { hub, attributes } = withKeys(['tenant']);
  const record = { severity: 9, severityText: '', eventName: '', body: 'b', attributes: {} };
  const rest = { error: undefined, time: undefined, span: undefined };
  withBaggage({ tenant: 'acme' }, () => hub.emit(hub.createScope('pino'), { ...record, ...rest }));
  assert.deepEqual(attributes(0), { tenant: 'acme' });
});

test('R3.6 a baggage that throws costs its fields and no more', () => {
  const { hub, attributes } = withKeys(['tenant']);
  const broken = propagation.createBaggage({ tenant: { value: 'x' } });
  Object.defineProperty(broken, 'getEntry', {
    value: () => {
      throw new Error('no');
    },
  });
  context.with(propagation.setBaggage(ROOT_CONTEXT, broken), () => hub.getLogger('a').info('done', { n: 1 }));
  assert.deepEqual(attributes(0), { n: 1 });
});

test('R3.6 keys are named in code and environment, each in full', () => {
  const resolve = (baggage: unknown, env: NodeJS.ProcessEnv): ReturnType<typeof resolveSettings> =>
    resolveSettings({ baggage: baggage as string[] }, env, { isTty: false });
  const both = resolve(['tenant'], { SPANLOG_BAGGAGE: 'plan' });
  assert.deepEqual([both.problems, [...both.settings.baggage].sort()], [[], ['plan', 'tenant']]);
  for (const bad of ['*', 'a b', 'a=b', 7]) {
    const { settings, problems } = resolve(['ok', bad], {});
    assert.deepEqual(settings.baggage, ['ok']);
    assert.deepEqual(
      problems.map(({ setting }) => setting),
      ['baggage[1]'],
    );
  }
});
