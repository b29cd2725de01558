import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';
import { checkPatterns, refusePattern } from '../../../src/pipeline/redact/patterns.ts';

describe('user patterns', () => {
  test('R4.2 a pattern hides what it matches everywhere, beside the built-in kinds', () => {
    const policy = createPolicy({ patterns: { ticket: /TICKET-\d{4}/, code: /\bcode \w+/i } });
    assert.equal(
      policy.text('TICKET-1234 and TICKET-5678 by bob@example.com, Code abc'),
      '[REDACTED:ticket] and [REDACTED:ticket] by [REDACTED:email], [REDACTED:code]',
    );
    assert.deepEqual(policy.counts(), { ticket: 2, email: 1, code: 1 });
  });

  test('R4.2 where two rules overlap nothing of either stays', () => {
    const policy = createPolicy({ patterns: { wide: /user \S+/, late: /com and/ } });
    assert.equal(policy.text('user bob@example.com and'), '[REDACTED:wide]');
  });

  test('R4.2 flags and state of a pattern do not matter', () => {
    const sticky = /x\d/gy;
    sticky.lastIndex = 5;
    const policy = createPolicy({ patterns: { x: sticky, empty: /z*/ } });
    assert.equal(policy.text('x1 x2'), '[REDACTED:x] [REDACTED:x]');
    assert.equal(policy.text('x1 x2'), '[REDACTED:x] [REDACTED:x]');
    assert.equal(sticky.lastIndex, 5);
  });

  test('R4.5 patterns that can take exponential time are refused', () => {
    const bad = [
      /(a+)+$/,
      /(a*)*b/,
      /(\w+\s?)*$/,
      /(?:x{2,})+y/,
      /((a|b)+c?)*/,
      /(a|a)*b/,
      /(ab|a)+c/,
      /(.*,){20}x/,
      /(a)\1+/,
    ];
    for (const pattern of bad) assert.notEqual(refusePattern(pattern), undefined, String(pattern));
  });

  test('R4.5 ordinary patterns are used', () => {
    const good = [
      /ACME-\d{6}/,
      /\b[A-Z]{2}\d+\b/,
      /(?:foo|bar)+/,
      /[a-z+*]+@x/,
      /a{1,3}(b{2}){1,4}/,
      /\((\d+)\)/,
      /(?<year>\d{4})-\d\d/u,
    ];
    for (const pattern of good) assert.equal(refusePattern(pattern), undefined, String(pattern));
  });

  test('R10.3 a refused pattern is a problem that names the setting, the pattern and the fix', () => {
    const [problem, ...others] = checkPatterns({ good: /x/, bad: /(a+)+/ });
    assert.deepEqual(others, []);
    assert.equal(problem?.code, 'SPANLOG_BAD_PATTERN');
    assert.equal(problem.setting, 'redact.patterns.bad');
    assert.equal(problem.value, '/(a+)+/');
    assert.match(problem.fix, /bounds/);
    assert.equal(createPolicy({ patterns: { bad: /(a+)+/ } }).text('aaaa'), 'aaaa', 'it is never run');
  });
});
