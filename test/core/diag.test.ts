import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnceDiag } from '../../src/core/diag.ts';
import { SEVERITY, SEVERITY_OFF } from '../../src/core/level.ts';

test('R8.5 a matter is said once, counted while it lasts, and news again once it is settled', () => {
  const lines: string[] = [];
  const diag = new OnceDiag((line) => lines.push(line));
  for (let i = 0; i < 4; i++) diag.warn('down', 'the collector is down');
  diag.warn('other', 'something else');
  diag.clear('down', 'the collector is back');
  diag.clear('down', 'said twice');
  diag.warn('down', 'the collector is down');
  assert.deepEqual(lines, [
    'spanlog: the collector is down',
    'spanlog: something else',
    'spanlog: the collector is back (came up 3 more times)',
    'spanlog: the collector is down',
  ]);
});

test('R10.3 OTEL_LOG_LEVEL error leaves losses, none leaves nothing', () => {
  const lines: string[] = [];
  const diag = new OnceDiag((line) => lines.push(line));
  diag.threshold = SEVERITY.error;
  diag.warn('a', 'warning');
  diag.error('b', 'loss');
  diag.threshold = SEVERITY_OFF;
  diag.error('c', 'another loss');
  assert.deepEqual(lines, ['spanlog: loss']);
});
