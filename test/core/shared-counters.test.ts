import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Account, isBalanced } from '../../src/core/ledger.ts';
import { lostIn, SHARED_COUNTERS, shareCounters } from '../../src/core/shared-counters.ts';

function memory(): Float64Array {
  return new Float64Array(new SharedArrayBuffer(SHARED_COUNTERS * Float64Array.BYTES_PER_ELEMENT));
}

test('R8.4 an account counts on in shared memory from where it was', () => {
  const account = new Account();
  account.emitted = 5;
  account.drop('queue_full', 2);
  const cells = memory();
  shareCounters(account, cells);
  account.emitted += 4;
  account.delivered += 3;
  account.drop('queue_full');

  const { emitted, delivered, dropped } = account.counts();
  assert.deepEqual({ emitted, delivered, dropped }, { emitted: 9, delivered: 3, dropped: { queue_full: 3 } });
  assert.equal(account.droppedTotal, 3);
});

test('R8.4 whatever becomes of a record, what is lost with its thread is what the ledger calls pending', () => {
  const account = new Account();
  const cells = memory();
  shareCounters(account, cells);
  let pending = 0;
  account.holds(() => pending);
  const steps: readonly (() => void)[] = [
    () => (account.emitted += 10),
    () => (account.replayed += 10),
    () => (account.delivered += 2),
    () => account.rejected++,
    () => account.sampledOut++,
    () => account.limited++,
    () => account.deduplicated++,
    () => account.discarded++,
    () => account.filtered++,
    () => account.drop('http_400', 3),
  ];
  for (const step of steps) {
    step();
    pending = lostIn(cells);
    assert.equal(isBalanced(account.counts()), true);
  }
  assert.equal(pending, 9);
});

test('R8.4 what a spool holds is not lost with the thread', () => {
  const account = new Account();
  const cells = memory();
  shareCounters(account, cells);
  account.emitted += 10;
  account.spooled += 7;
  assert.equal(lostIn(cells), 3);
});

test('R8.4 a thread that was stopped between two counts never owes less than nothing', () => {
  const account = new Account();
  const cells = memory();
  shareCounters(account, cells);
  account.drop('queue_full');
  assert.equal(lostIn(cells), 0);
});
