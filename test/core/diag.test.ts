import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnceDiag } from '../../src/core/diag.ts';
import { SEVERITY, SEVERITY_OFF } from '../../src/core/level.ts';
import { createPolicy } from '../../src/pipeline/redact/policy.ts';

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

test('R4.6 a quoted error can neither forge a line of ours nor drive the terminal, and a stack stays readable', () => {
  const lines: string[] = [];
  const diag = new OnceDiag((line) => lines.push(line));
  diag.warn('a', 'down: no\r\nspanlog: all is well\u001b[2J\u0085\u009b\u2028\u2029\u0000\tend');
  diag.clear('a', 'back\nagain');
  diag.error('b', 'fault: TypeError: x\n    at f (file.ts:1:2)\n    at g (file.ts:3:4). Please report it');
  assert.deepEqual(lines, [
    'spanlog: down: no\\r\\nspanlog: all is well\\u001b[2J\\u0085\\u009b\\u2028\\u2029\\u0000\\tend',
    'spanlog: back\\nagain',
    'spanlog: fault: TypeError: x | at f (file.ts:1:2) | at g (file.ts:3:4). Please report it',
  ]);
});

test('R4.4 secrets in quoted errors are redacted', () => {
  const lines: string[] = [];
  const policy = createPolicy({});
  const diag = new OnceDiag(
    (line) => lines.push(line),
    (text) => policy.text(text),
  );
  diag.warn('a', 'the exporter failed: card 4111 1111 1111 1111');
  assert.deepEqual(lines, ['spanlog: the exporter failed: card [REDACTED:card]']);
});
