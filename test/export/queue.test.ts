import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Batch } from '../../src/core/batch.ts';
import { Account, isBalanced } from '../../src/core/ledger.ts';
import { createRecord } from '../../src/core/record.ts';
import { Queue } from '../../src/export/queue.ts';
import type { QueueLimits } from '../../src/export/queue.ts';
import { createQueueSink } from '../../src/export/sink.ts';
import { SCOPE } from './lane.ts';
import { pushRecord } from './push-record.ts';

const LIMITS: QueueLimits = { maxBytes: 10_000, maxRecords: Infinity, batchRecords: 10, batchBytes: 1_000 };

function createQueue(limits: Partial<QueueLimits> = {}): { queue: Queue; account: Account } {
  const account = new Account();
  return { queue: new Queue({ ...LIMITS, ...limits }, account), account };
}

function push({ queue, account }: { queue: Queue; account: Account }, bytes: number, severity = 9): void {
  account.emitted++;
  pushRecord(queue, Buffer.alloc(bytes, 1), SCOPE, severity);
}

function takeAll(queue: Queue): Batch[] {
  queue.seal();
  const batches: Batch[] = [];
  for (let batch = queue.take(); batch !== undefined; batch = queue.take()) batches.push(batch);
  return batches;
}

describe('the queue', () => {
  test('a batch is full by records or by bytes, whichever comes first', () => {
    const made = createQueue();
    for (let i = 0; i < 25; i++) push(made, 10);
    assert.deepEqual(takeAll(made.queue).map(({ count }) => count), [10, 10, 5]); // prettier-ignore
    for (let i = 0; i < 5; i++) push(made, 600);
    assert.deepEqual(takeAll(made.queue).map(({ count }) => count), [2, 2, 1]); // prettier-ignore
  });

  test('says when a batch begins and when it is full', () => {
    const made = createQueue();
    const heard: string[] = [];
    made.queue.onFirst = () => heard.push('first');
    made.queue.onBatch = () => heard.push('batch');
    for (let i = 0; i < 11; i++) push(made, 10);
    assert.deepEqual(heard, ['first', 'batch', 'first']);
  });

  test('R7.5 holds so many bytes and no more than one record past them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 0, max: 24 })), { maxLength: 100 }),
        (records) => {
          const made = createQueue();
          for (const [bytes, severity] of records) push(made, bytes, severity);
          assert.ok(made.queue.bytes < LIMITS.maxBytes + 3_000);
          assert.ok(isBalanced(made.account.counts()));
          const batches = takeAll(made.queue);
          assert.equal(
            batches.reduce((sum, { length }) => sum + length, 0),
            made.queue.bytes,
          );
          for (const batch of batches) made.queue.settle(batch);
          assert.deepEqual([made.queue.bytes, made.queue.records], [0, 0]);
        },
      ),
    );
  });

  test('R5.6 low severity is refused first, ERROR and FATAL last', () => {
    const made = createQueue();
    const refusedAt = (severity: number): number => {
      const before = made.account.droppedTotal;
      while (made.account.droppedTotal === before) push(made, 100, severity);
      return made.queue.bytes;
    };
    assert.deepEqual([1, 5, 9, 13, 17, 21].map(refusedAt), [8_000, 8_000, 9_000, 9_500, 10_000, 10_000]);
    assert.deepEqual(made.account.counts().dropped, { queue_full: 6 });
  });

  test('holds so many records when that is set', () => {
    const made = createQueue({ maxRecords: 3 });
    for (let i = 0; i < 5; i++) push(made, 1, 21);
    assert.deepEqual([made.queue.records, made.account.counts().dropped], [3, { queue_full: 2 }]);
  });

  test('memory of a delivered batch is used again, that of a part of one is not', () => {
    const made = createQueue();
    const nextSlab = (): Buffer | undefined => {
      push(made, 100);
      return takeAll(made.queue)[0]?.bytes;
    };
    for (let i = 0; i < 4; i++) push(made, 100);
    const [batch] = takeAll(made.queue);
    assert.ok(batch !== undefined);
    const isReused = (): boolean => nextSlab()?.buffer === batch.bytes.buffer;
    made.queue.recycle(batch.slice(0, 2));
    assert.equal(isReused(), false);
    made.queue.recycle(batch);
    assert.equal(isReused(), true);
    assert.equal(isReused(), false);
  });

  test('R8.1 what an encoder left behind when it failed is in no batch', () => {
    const made = createQueue();
    push(made, 5);
    const open = made.queue.open(9);
    assert.ok(open !== undefined);
    open.append(Buffer.from('half a rec'), 0, 10);
    push(made, 5);
    made.queue.open(9)?.append(Buffer.from('half a rec'), 0, 10);
    const [batch] = takeAll(made.queue);
    assert.deepEqual([batch?.count, batch?.length], [2, 10]);
    assert.equal(batch?.bytes.subarray(0, 10).includes('half'), false);
  });

  test('R8.1 a batch whose only record failed to be encoded is never sent, and the next one has its own clock', () => {
    const made = createQueue();
    let clocks = 0;
    made.queue.onFirst = () => clocks++;
    made.queue.open(9)?.append(Buffer.from('half a rec'), 0, 10);
    assert.deepEqual(takeAll(made.queue), []);
    push(made, 5);
    assert.equal(clocks, 2);
    assert.equal(takeAll(made.queue)[0]?.length, 5);
  });

  test('after it is closed refuses everything and counts it', () => {
    const made = createQueue();
    push(made, 5);
    made.queue.close();
    push(made, 5, 21);
    assert.deepEqual([made.queue.records, made.account.counts().dropped], [1, { after_shutdown: 1 }]);
    assert.ok(isBalanced(made.account.counts()));
  });
});

test('R7.3 a destination with a level of its own counts what it leaves out', () => {
  const { queue, account } = createQueue();
  const sink = createQueueSink({
    name: 'errors',
    account,
    queue,
    minSeverity: 17,
    encoder: { slot: 0, encode: () => undefined },
    shipper: {
      flush: () => Promise.resolve(true),
      shutdown: () => Promise.resolve(),
      flushSync: () => undefined,
      pending: 0,
    },
  });
  const record = createRecord(SCOPE);
  for (const severity of [0, 1, 9, 13, 17, 21]) {
    record.severity = severity;
    account.emitted++;
    const batch = sink.open(record);
    if (batch !== undefined) sink.commit(record, batch);
  }
  assert.deepEqual([account.filtered, queue.records], [4, 2]);
  assert.ok(isBalanced(account.counts()));
});
