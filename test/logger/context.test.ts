import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { createRecordingHub } from '../support/recording-hub.ts';

test('R3.2 10,000 interleaved requests each keep their own fields', async () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('requests');
  const request = (id: number): Promise<void> =>
    hub.context.run(hub.intake, { request_id: `r-${id}` }, async () => {
      await nextTurn();
      hub.context.bind(hub.intake, { user_id: `u-${id}` });
      await Promise.resolve();
      log.info('handled', { id });
    });
  await Promise.all(Array.from({ length: 10_000 }, (_, id) => request(id)));
  assert.equal(records.length, 10_000);
  for (let i = 0; i < records.length; i++) {
    const { request_id, user_id, id } = attributes(i) as { request_id: string; user_id: string; id: number };
    assert.deepEqual([request_id, user_id], [`r-${id}`, `u-${id}`]);
  }
  log.info('outside');
  assert.deepEqual(attributes(-1), {});
});

test('R3.2 an inner context adds to the outer one and ends with its function', () => {
  const { hub, attributes } = createRecordingHub();
  const log = hub.getLogger('nested');
  hub.context.run(hub.intake, { a: 1, b: 1 }, () => {
    hub.context.run(hub.intake, { b: 2, c: 2 }, () => log.info('inner'));
    log.info('outer');
  });
  assert.deepEqual(attributes(0), { a: 1, b: 2, c: 2 });
  assert.deepEqual(attributes(1), { a: 1, b: 1 });
});

test('R3.2 the call wins over the child, the child over the context', () => {
  const { hub, attributes } = createRecordingHub();
  const child = hub.getLogger('layers').child({ b: 'child', c: 'child' });
  hub.context.run(hub.intake, { a: 'context', b: 'context', c: 'context' }, () => child.info('x', { c: 'call' }));
  assert.deepEqual(attributes(0), { a: 'context', b: 'child', c: 'call' });
});

test('R3.2 what the function of a context returns or throws passes through', () => {
  const { hub } = createRecordingHub();
  assert.equal(
    hub.context.run(hub.intake, {}, () => 7),
    7,
  );
  assert.throws(
    () =>
      hub.context.run(hub.intake, {}, () => {
        throw new Error('mine');
      }),
    /mine/,
  );
  assert.equal(hub.context.bind(hub.intake, { a: 1 }), false);
});
