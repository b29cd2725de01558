import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ValueReader } from '../../../src/core/read-value.ts';
import { toPlain } from '../../../src/core/value.ts';
import { checkRedactOptions, createPolicy } from '../../../src/pipeline/redact/policy.ts';
import { parsePath, PathRules } from '../../../src/pipeline/redact/paths.ts';

const TABLE: readonly (readonly [rule: string, path: string, matches: boolean])[] = [
  ['user.address', 'user/address', true],
  ['user.address', 'user.address', true],
  ['user.address', 'user/address/city', false],
  ['user.address', 'customer/user/address', false],
  ['items[*].card', 'items/0/card', true],
  ['items[*].card', 'items/card', false],
  ['items[1].card', 'items/1/card', true],
  ['items[1].card', 'items/2/card', false],
  ['*.pin', 'user/pin', true],
  ['*.pin', 'pin', false],
  ['*.pin', 'a/b/pin', false],
  ['**.note', 'note', true],
  ['**.note', 'a/b/c/note', true],
  ['**.note', 'a/notes', false],
  ['a.**', 'a/b', true],
  ['a.**.z', 'a/z', true],
  ['a.**.z', 'a/b/z/c/z', true],
  ['a.**.z', 'a/b/z/c', false],
  ['headers["x.y"]', 'headers/x.y', true],
  ["a['b c']", 'a/b c', true],
];

describe('path rules', () => {
  test('R4.1 `*` is one step, `**` any number of them', () => {
    for (const [rule, path, matches] of TABLE) {
      assert.equal(new PathRules([rule]).matches(path.split('/')), matches, `${rule} on ${path}`);
    }
  });

  test('R4.1 a rule that can not be read is reported, with the way to write it', () => {
    for (const rule of ['', '.', 'a.', 'a[', 'a]b', 'a[b', '[]']) assert.equal(parsePath(rule), undefined, rule);
    const [problem] = checkRedactOptions({ paths: ['ok.path', 'a['] });
    assert.equal(problem?.code, 'SPANLOG_BAD_PATTERN');
    assert.match(problem.value, /a\[/);
    assert.match(problem.fix, /items\[\*\]/);
  });

  test('R4.1 paths hide in a whole record, through arrays and Maps, and leave the rest', () => {
    const policy = createPolicy({ paths: ['user.address', 'items[*].maker', '**.note'] });
    const reader = new ValueReader(policy);
    reader.begin();
    const user = { name: 'bob', address: { city: 'Bonn' }, more: new Map([['note', 'x']]) };
    const items = [
      { sku: 1, maker: 'a' },
      { sku: 2, maker: 'b' },
    ];
    assert.deepEqual(JSON.parse(JSON.stringify(toPlain(reader.readUnder('user', undefined, user)))), {
      name: 'bob',
      address: '[REDACTED:path]',
      more: { note: '[REDACTED:path]' },
    });
    assert.deepEqual(JSON.parse(JSON.stringify(toPlain(reader.readUnder('items', undefined, items)))), [
      { sku: 1, maker: '[REDACTED:path]' },
      { sku: 2, maker: '[REDACTED:path]' },
    ]);
    assert.deepEqual(user.address, { city: 'Bonn' });
  });

  test('R4.5 many `**` on a deep path stay cheap', () => {
    const rules = new PathRules([`${'**.a.'.repeat(50)}z`]);
    assert.equal(rules.matches(Array.from({ length: 5_000 }, () => 'a')), false);
  });
});
