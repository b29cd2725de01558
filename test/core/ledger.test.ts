import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Account, isBalanced, ledgerOf } from '../../src/core/ledger.ts';

test('R8.1 the top of the ledger is the sum of its destinations', () => {
  const otlp = new Account();
  otlp.emitted = 10;
  otlp.delivered = 6;
  otlp.drop('queue_full', 2);
  otlp.drop('queue_full');
  const release = otlp.holds(() => 1);
  const console = new Account();
  console.emitted = 10;
  console.filtered = 4;
  console.delivered = 5;
  console.drop('epipe');
  const ledger = ledgerOf(
    new Map([
      ['otlp', otlp],
      ['console', console],
    ]),
  );
  assert.equal(ledger.balanced, true);
  assert.equal(ledger.emitted, 20);
  assert.equal(ledger.delivered, 11);
  assert.equal(ledger.pending, 1);
  assert.deepEqual(ledger.dropped, { queue_full: 3, epipe: 1 });
  assert.deepEqual(ledger.destinations.otlp?.dropped, { queue_full: 3 });
  release();
  assert.equal(ledgerOf(new Map([['otlp', otlp]])).balanced, false);
});

test('R8.1 a record that nobody accounts for unbalances the ledger', () => {
  const account = new Account();
  account.emitted = 3;
  account.delivered = 2;
  assert.equal(isBalanced(account.counts()), false);
  account.drop('http_400');
  assert.equal(isBalanced(account.counts()), true);
});
