import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Orders } from '../../examples/checkout/demo/orders.ts';
import { cut, fit, table, visibleLength, wrap } from '../../examples/checkout/demo/terminal.ts';

const RED = '\x1b[31m';
const RESET = '\x1b[39m';

describe('what the demo prints', () => {
  test('a line that fits is left as it is, colours and all', () => {
    const line = `${RED}ERROR${RESET} ok`;
    assert.equal(cut(line, 8), line);
  });

  test('a longer line is cut to the width, and its colours are still switched off', () => {
    const line = cut(`${RED}payment_failed${RESET} order_id=o-1`, 8);
    assert.equal(line, `${RED}payment${RESET}…`);
    assert.equal(visibleLength(line), 8);
  });

  test('a line of a service loses date and pid on a terminal, nothing else, and stands in columns', () => {
    const line = '2026-11-21T10:11:31.175Z | INFO  | payment | pid=7 | req=- | stopped | a="x | y" b=2';
    assert.equal(fit(line, 200), '10:11:31.175 | INFO  | payment  | req=-        | stopped | a="x | y" b=2');
  });

  test('a line of a stack is no record, and is left as it is', () => {
    assert.equal(fit('    at charge (payment.ts:52:18)', 200), '    at charge (payment.ts:52:18)');
  });

  test('words are wrapped at the width; one that is too long has a line of its own', () => {
    assert.deepEqual(wrap(['a=1', 'b=2', 'c=three-long', 'd=4'], 7), ['a=1 b=2', 'c=three-long', 'd=4']);
    assert.deepEqual(wrap([], 7), []);
  });

  test('columns are as wide as their widest cell, figures to the right', () => {
    const rows = [
      ['checkout', '7'],
      [`${RED}gw${RESET}`, '120'],
    ];
    assert.deepEqual(table(rows, [1]), ['checkout    7', `${RED}gw${RESET}        120`]);
  });
});

test('R4.2 the cards of the demo pass the check that real ones pass, and no two are alike', () => {
  const orders = new Orders();
  const numbers = Array.from({ length: 24 }, () => orders.next().order.card.number);
  assert.equal(new Set(numbers).size, 24);
  for (const number of numbers) {
    assert.match(number, /^4111 11\d\d \d{4} \d{4}$/);
    const sum = number
      .replaceAll(' ', '')
      .split('')
      .reverse()
      .map((digit, i) => Number(digit) * (i % 2 === 1 ? 2 : 1))
      .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
    assert.equal(sum % 10, 0, number);
  }
});

test('R4.2 a secret counts as planted once an order has carried it', () => {
  const orders = new Orders();
  const cards = (): number => orders.planted.filter(({ kind }) => kind === 'card').length;
  assert.equal(cards(), 0);
  orders.next();
  assert.equal(cards(), 1);
  for (let i = 0; i < 100; i++) orders.next();
  assert.equal(cards(), 24);
});
