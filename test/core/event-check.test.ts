import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventChecks } from '../../src/core/event-check.ts';
import { FieldNames } from '../../src/core/field-names.ts';
import { createRecord } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';

const record = createRecord({ id: 0, name: 'a', version: '', schemaUrl: '', attributes: new ValueMap() });

function listening(): { readonly said: string[]; readonly diag: ConstructorParameters<typeof EventChecks>[1] } {
  const said: string[] = [];
  const say = (_key: string, message: string): void => void said.push(message);
  return { said, diag: { warn: say, error: say, clear: () => undefined } };
}

describe('the run-time check of events', () => {
  test('R12.1 an unknown event is said once and counted, past 1,000 names together with others', () => {
    const { said, diag } = listening();
    const checks = new EventChecks(new Map(), diag);
    for (let i = 0; i < 1_200; i++) for (let j = 0; j < 2; j++) checks.of(`event_${i}`)?.see(record);
    const { undeclared } = checks.report();
    assert.deepEqual([undeclared.event_0, undeclared.event_999, undeclared.event_1000], [2, 2, undefined]);
    assert.equal(undeclared['…'], 400);
    // Fifty, the last of which says where the others are; and that there are too many.
    assert.equal(said.length, 51);
    assert.match(said[49] ?? '', /Further ones are in logging\.eventReport\(\) alone/);
    assert.match(said[0] ?? '', /event_0 is in no catalogue/);
  });

  test('R12.1 events that spanlog logs itself are in nobody’s catalogue', () => {
    const checks = new EventChecks(new Map(), listening().diag);
    for (const own of ['request_completed', 'flow_step', 'dependency_call', 'exception', 'spanlog.records_dropped']) {
      assert.equal(checks.of(own), undefined, own);
    }
    for (const other of ['requested', 'request_refunded', 'flow_rate_low']) {
      assert.notEqual(checks.of(other), undefined);
    }
  });
});

describe('the rule for names of fields', () => {
  const cases = {
    snake_case: {
      good: ['user_id', 'a', 'http.status_code', 'v2'],
      bad: ['userId', 'user-id', 'User', '_id', 'a__b', 'a.'],
    },
    camelCase: { good: ['userId', 'a', 'http.statusCode'], bad: ['user_id', 'UserId', 'user-id'] },
    'kebab-case': { good: ['user-id', 'a', 'http.status-code'], bad: ['userId', 'user_id'] },
  } as const;
  for (const [rule, { good, bad }] of Object.entries(cases)) {
    test(`R12.2 ${rule} names those that break it, each once, and none of our own`, () => {
      const { said, diag } = listening();
      const names = new FieldNames(rule as keyof typeof cases, diag);
      for (const name of [...good, ...bad, ...bad, 'exception.type', 'duration_ms', 'request_id']) names.see(name);
      assert.deepEqual(names.told, bad);
      assert.equal(said.length, bad.length);
    });
  }
});
