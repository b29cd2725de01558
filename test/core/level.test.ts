import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEVEL_NAMES, levelOf, parseLevel, SEVERITY, SEVERITY_OFF, severityText } from '../../src/core/level.ts';

test('R1.1 the six levels stand on OTel severity numbers 1, 5, 9, 13, 17 and 21', () => {
  assert.deepEqual(
    LEVEL_NAMES.map((name) => SEVERITY[name]),
    [1, 5, 9, 13, 17, 21],
  );
});

test('R1.1 configuration accepts names in any case, WARNING, CRITICAL, off and severity numbers', () => {
  const table: readonly (readonly [unknown, number | undefined])[] = [
    ['info', 9],
    ['INFO', 9],
    [' Info ', 9],
    ['WARNING', 13],
    ['warn', 13],
    ['CRITICAL', 21],
    ['fatal', 21],
    ['off', SEVERITY_OFF],
    [1, 1],
    [24, 24],
    ['10', 10],
    [0, undefined],
    [25, undefined],
    [9.5, undefined],
    [NaN, undefined],
    ['loud', undefined],
    ['', undefined],
    ['__proto__', undefined],
    [undefined, undefined],
    [{}, undefined],
  ];
  for (const [given, expected] of table) assert.equal(parseLevel(given), expected, String(given));
});

test('R1.1 each severity number has its text and its level', () => {
  assert.deepEqual([0, 1, 4, 5, 9, 10, 13, 17, 21, 24, 25].map(severityText), [
    '',
    'TRACE',
    'TRACE4',
    'DEBUG',
    'INFO',
    'INFO2',
    'WARN',
    'ERROR',
    'FATAL',
    'FATAL4',
    '',
  ]);
  assert.deepEqual([0, 1, 4, 5, 12, 13, 20, 21, 24].map(levelOf), [
    'info',
    'trace',
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
    'fatal',
  ]);
});
